import Encodings

/// Settings that other software has and that will not come: why not, in a sentence.
enum DeliberateGap {
    /// The value is never shown: it may be a secret.
    /// - Returns: nil where the name is none of them.
    static func reason(_ name: ByteString, _ value: ByteString) -> ConfigurationError? {
        let value = value.lowercased
        let predicate: ByteString? =
            switch name.lowercased {
            case "grant_type", "grant_types":
                value.words().contains("password")
                    ? passwordGrant
                    : "is no setting: logins use the authorization code, sessions the refresh token"
            case "username", "password": passwordGrant
            case "response_type", "response_types":
                value == "code"
                    ? "is no setting: it is always code"
                    : "can only be code: the implicit and hybrid flows put tokens into URLs, where "
                        + "histories and logs keep them"
            case "response_mode":
                "is no setting: the provider answers in the query, never by a form"
            case "token_from", "token_query", "access_token_query":
                "does not exist: a token in a query string ends up in logs, histories and Referer "
                    + "headers; only the Authorization header counts"
            case "ssl_verify", "tls_verify", "verify", "insecure", "ssl_verify_peer":
                "does not exist: certificates are always verified; name a private authority with "
                    + "\"ca_file\""
            case "client_secret":
                "does not exist, use \"client_secret_file\": a configuration file is not a secret "
                    + "store"
            case "pkce", "pkce_method", "code_challenge_method":
                ["on", "s256"].contains(value)
                    ? "is no setting: PKCE with S256 is always on"
                    : "cannot be changed: without PKCE S256 a stolen code becomes a session"
            default: nil
            }
        return predicate.map { ConfigurationError(name, $0) }
    }

    private static let passwordGrant: ByteString =
        "does not exist: the password grant would hand the user's password to this server; people "
        + "sign in at the provider"
}
