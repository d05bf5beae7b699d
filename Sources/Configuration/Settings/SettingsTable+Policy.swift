import Encodings

extension SettingsTable {
    static let policy: [Setting] = [
        Setting(
            "mode", .policy, .choice(["bearer", "session", "endpoints"]),
            """
            What a request must bring: a bearer token; the session cookie, which is swapped for \
            its access token; or nothing, where only login, callback, logout and session are \
            answered and all other paths pass unprotected. Required.
            """),
        Setting(
            "provider", .policy, .words, check: Checks.providerNames,
            """
            Name of the provider section; for bearer several, divided by spaces or commas: the \
            token's `iss` picks the one whose keys and rules count. Required.
            """),
        Setting(
            "audience", .policy, .words,
            """
            Bearer: one of these must stand in the token's `aud`. Required there, but for \
            providers with an `audience` of their own.
            """),
        Setting(
            "scope", .policy, .words, check: Checks.scope,
            "Bearer: all of these must stand in the token's `scope`."),
        Setting(
            "claim_headers", .policy, .words, check: Checks.claimHeaders,
            """
            Header fields that tell the upstream a claim, as `X-User=sub`. What a client sends \
            under these names is removed.
            """),
        Setting(
            "realm", .policy, .text, standard: "api", check: Checks.realm,
            "Bearer: the realm that challenges name."),
        Setting(
            "token_cookie", .policy, .text, check: Checks.tokenCookie,
            """
            Bearer: name of an HttpOnly cookie, best `__Host-` or `__Secure-`, in which your own \
            application keeps the access token: it counts like one in the header, and goes on as \
            one. It opens the route to what browsers send unasked; what other sites cause is \
            refused as with sessions.
            """),
        Setting(
            "origin", .policy, .url, check: Checks.origin,
            """
            Bearer with `token_cookie`: the public origin, `https://host[:port]`, whose pages may \
            send it. Needed where the provider has no `origin`.
            """),
        Setting(
            "cross_site_reads", .policy, .flag, standard: "off",
            """
            Session, and bearer with `token_cookie`: `on` lets other sites load subresources with \
            the user's cookie. It opens what GET answers here to being embedded and timed by any \
            site.
            """),
        Setting(
            "forward_token", .policy, .flag, standard: "on",
            """
            Bearer and session: `off` keeps the access token from the upstream, for one that \
            needs only claim headers.
            """),
    ]
}
