import Encodings

extension SettingsTable {
    /// Where an issuer's access tokens differ from RFC 9068.  The page `Providers` tells which
    /// provider needs what.
    static let accessTokens: [Setting] = [
        Setting(
            "require_access_token_type", .provider, .flag, standard: "on",
            """
            `off` admits access tokens without `typ: at+jwt`. It opens the door to other JWTs of \
            the same issuer and audience, such as ID tokens, as far as their claims do not give \
            them away.
            """),
        Setting(
            "required_claims", .provider, .words, standard: "sub client_id iat jti",
            """
            Claims that an access token must have beside `iss`, `exp` and the audience. Each one \
            that you leave out opens the API to tokens that do not say whose they are (`sub`), \
            who got them (`client_id`), or when and which they are (`iat`, `jti`).
            """),
        Setting(
            "audience_claim", .provider, .choice(["aud", "client_id", "azp"]), standard: "aud",
            """
            Claim in which one of `audience` must stand. With `client_id` or `azp` those are names \
            of clients, and `aud` is not looked at: it opens this API to every token that those \
            clients were given for any other.
            """),
        Setting(
            "scope_claim", .provider, .text, standard: "scope",
            """
            Claim in which the policy's `scope` must stand. Another one opens the API by what the \
            provider writes there, which may be roles of the user that no client has asked for.
            """),
        Setting(
            "allow_scope_list", .provider, .flag, standard: "off",
            """
            `on` admits a JSON list of texts there, each of which counts as a whole. It opens the \
            check to a form that RFC 9068 does not have and that an upstream may read otherwise.
            """),
    ]
}
