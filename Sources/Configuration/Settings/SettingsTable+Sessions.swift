import Encodings

extension SettingsTable {
    static let client: [Setting] = [
        Setting(
            "client_id", .provider, .text,
            "The name under which the provider knows this client. Needed for sessions."),
        Setting(
            "client_secret_file", .provider, .secretFile,
            """
            File that holds the client's secret and nothing else; it is read once, when the \
            configuration is read.
            """),
        Setting(
            "client_auth", .provider, .choice(["basic", "post"]), standard: "basic",
            """
            How the secret is sent to the token endpoint: in the Authorization header, or in the \
            form.
            """),
        Setting(
            "scope", .provider, .words, standard: "openid", check: Checks.clientScope,
            """
            Scopes that a login asks for; `openid` must be among them. Many providers give a \
            refresh token only for `offline_access`.
            """),
        Setting(
            "authorization_parameters", .provider, .words,
            check: Checks.authorizationParameters,
            """
            Further parameters of the authorization request, as `prompt=consent`, written as in \
            a query string. With `max_age=SECONDS` a login fails whose ID token does not show \
            that the provider kept to it.
            """),
        Setting(
            "refresh_refusals", .provider, .words, check: Checks.refreshRefusals,
            """
            Answers that mean "refresh token refused" beside `invalid_grant`: `400-empty` for \
            that status with an empty body, `400-invalid_token` for that error word. Each one \
            lets an answer end a session.
            """),
        Setting(
            "unknown_outcome", .provider, .choice(["retry", "end"]), standard: "retry",
            """
            What follows a refresh whose answer was lost: `retry` presents the same refresh token \
            once more, `end` ends the session.
            """),
    ]

    static let sessions: [Setting] = [
        Setting(
            "origin", .provider, .url, check: Checks.origin,
            """
            The public origin, `https://host[:port]`, as browsers see it; never taken from a \
            request. Needed for sessions.
            """),
        Setting(
            "prefix", .provider, .text, standard: "/auth", check: Checks.prefix,
            "Path below which login, callback, logout and session lie."),
        Setting(
            "cookie_name", .provider, .text, standard: "__Host-cloakroom",
            check: Checks.cookieName,
            """
            Name of the session cookie. It begins with `__Host-`, by which browsers keep other \
            hosts from setting it; on a plain-http origin in development it may not, and the \
            default is `cloakroom`.
            """),
        Setting(
            "same_site", .provider, .choice(["lax", "strict"]), standard: "lax",
            """
            SameSite attribute of the session cookie. With `strict`, a page reached by a link \
            from another site loads without its session at first.
            """),
        Setting(
            "idle_timeout", .provider, .seconds(1...31_536_000), standard: "1h",
            "A session ends when it has not been used for so long."),
        Setting(
            "absolute_timeout", .provider, .seconds(1...31_536_000), standard: "10h",
            "A session ends so long after its login, however much it is used."),
        Setting(
            "refresh_window", .provider, .seconds(0...3_600), standard: "60s",
            """
            How long before its end an access token is renewed behind the requests, while the \
            old one still serves.
            """),
        Setting(
            "token_lifetime", .provider, .seconds(1...86_400), standard: "5m",
            "What counts where the provider does not say how long an access token lasts."),
        Setting(
            "request_patience", .provider, .milliseconds(100...60_000), standard: "5s",
            """
            How long a request waits for a refresh or a login before it gets 503; the refresh \
            itself goes on.
            """),
        Setting(
            "login_lifetime", .provider, .seconds(1...3_600), standard: "10m",
            "How long a person may take to sign in at the provider."),
        Setting(
            "login_limit", .provider, .integer(1...20), standard: "8",
            "How many logins one browser may have open at the same time; the oldest gives way."),
        Setting(
            "landing", .provider, .text, standard: "/", check: Checks.landing,
            "Local path where a login or logout leads that names no other."),
        Setting(
            "session_claims", .provider, .words, standard: "sub name email",
            "Claims of the ID token that scripts of the page may read below the prefix."),
        Setting(
            "memory_age", .provider, .seconds(0...600), standard: "60s",
            """
            How long a worker believes what it remembers of a session before it reads the store \
            again, even where nothing tells of a change.
            """),
    ]
}
