import Encodings
import HTTPMessages
import OAuth

/// Makes a provider of its section's settings, and checks them against each other.
struct ProviderAssembly {
    let values: SectionValues
    /// Nil while it has not been said: then plain http on localhost is let by for now.
    let isDevelopment: Bool?

    func provider() throws(ConfigurationError) -> Provider {
        let issuer = try values.text("issuer")
        let url = try Conversion.issuer(issuer)
        try admit(url, as: "issuer")
        let client = try client()
        let (keySource, isSecure) = try keySource(isIssuerSecure: url.isSecure)
        return Provider(
            name: values.section.name, issuer: issuer, keySource: keySource,
            network: try network(allowsPlainHTTP: !isSecure), tokens: try tokens(),
            client: client, sessions: try sessions(hasClient: client != nil))
    }

    /// Logins need the discovery document, which names the keys; a second source for them could
    /// only contradict it.
    /// - Returns: with it, whether what is asked for keys is asked by https.
    private func keySource(
        isIssuerSecure: Bool
    ) throws(ConfigurationError) -> (Provider.KeySource, Bool) {
        guard let name = ["jwks_url", "jwks_file"].first(where: values.isGiven) else {
            return (.discovery, isIssuerSecure)
        }
        if values.isGiven("client_id") {
            throw ConfigurationError(
                name, "has no effect with \"client_id\": sessions need the discovery document, "
                    + "which names the keys")
        }
        guard name == "jwks_url" else {
            return (.file(try values.text("jwks_file")), isIssuerSecure)
        }
        if values.isGiven("jwks_file") {
            throw ConfigurationError("jwks_file", "cannot stand beside \"jwks_url\"")
        }
        let text = try values.text("jwks_url")
        let url = try Conversion.keySetURL(text)
        try admit(url, as: "jwks_url")
        return (.url(text), url.isSecure)
    }

    private func admit(_ url: URLReference, as setting: ByteString) throws(ConfigurationError) {
        guard url.isSecure || url.isLoopback && isDevelopment != false else {
            throw ConfigurationError(setting, Conversion.plainHTTP)
        }
    }

    /// - Parameter allowsPlainHTTP: only where what the operator named itself speaks it: a provider
    ///   on https cannot lead us to plain http, not even in development.
    private func network(
        allowsPlainHTTP: Bool
    ) throws(ConfigurationError) -> Provider.Network {
        Provider.Network(
            caFile: try values.optionalText("ca_file"),
            proxy: try values.optionalText("proxy").map(Conversion.proxy),
            allowsPrivateAddresses: try values.flag("allow_private_addresses"),
            allowsPlainHTTP: allowsPlainHTTP,
            connectTimeout: try values.number("connect_timeout"),
            requestTimeout: try values.number("request_timeout"),
            exchangeTimeout: try values.number("exchange_timeout"))
    }

    private func tokens() throws(ConfigurationError) -> Provider.Tokens {
        try order("keys_min_age", notAbove: "keys_max_age")
        try order("keys_max_age", notAbove: "keys_hard_limit")
        if values.isGiven("require_encryption") {
            try need("decryption_key_files", for: "require_encryption")
        }
        return Provider.Tokens(
            accessAlgorithms: try Conversion.algorithms(
                try values.words("access_token_algorithms"), of: "access_token_algorithms"),
            idAlgorithms: try Conversion.algorithms(
                try values.words("id_token_algorithms"), of: "id_token_algorithms"),
            leeway: try values.number("leeway"),
            profile: AccessTokenProfile(
                requiresType: try values.flag("require_access_token_type"),
                requiredClaims: try values.words("required_claims"),
                audienceClaim: try values.text("audience_claim"),
                scopeClaim: try values.text("scope_claim"),
                allowsScopeList: try values.flag("allow_scope_list")),
            decryptionKeys: try Conversion.decryptionKeys(
                try values.optionalFiles("decryption_key_files")),
            requiresEncryption: try values.flag("require_encryption"),
            audiences: try values.optionalWords("audience"),
            keysMinimumAge: try values.number("keys_min_age"),
            keysMaximumAge: try values.number("keys_max_age"),
            keysHardLimit: try values.number("keys_hard_limit"),
            unknownKeyPause: try values.number("unknown_key_pause"))
    }

    private func client() throws(ConfigurationError) -> Provider.Client? {
        guard let first = values.firstGiven(of: SettingsTable.client) else { return nil }
        try need("client_id", for: first)
        try need("client_secret_file", for: "client_id")
        return Provider.Client(
            credentials: ClientCredentials(
                clientID: try values.text("client_id"),
                secret: try values.secret("client_secret_file"),
                method: try values.text("client_auth") == "post" ? .post : .basic),
            scopes: try Conversion.clientScope(try values.words("scope")),
            authorizationParameters: try Conversion.authorizationParameters(
                try values.optionalWords("authorization_parameters")),
            refusals: try Conversion.refreshRefusals(try values.optionalWords("refresh_refusals")),
            presentsUnknownOutcomeAgain: try values.text("unknown_outcome") == "retry")
    }

    private func sessions(hasClient: Bool) throws(ConfigurationError) -> Provider.SessionRules? {
        guard let first = values.firstGiven(of: SettingsTable.sessions) else { return nil }
        try need("origin", for: first)
        if !hasClient { try need("client_id", for: "origin") }
        let origin = try Conversion.origin(try values.text("origin"))
        try admit(origin, as: "origin")
        let prefix = try Conversion.prefix(try values.text("prefix"))
        try order("idle_timeout", notAbove: "absolute_timeout")
        return Provider.SessionRules(
            origin: origin.origin, prefix: prefix,
            cookieName: try cookieName(isSecure: origin.isSecure), isCookieSecure: origin.isSecure,
            sameSite: try values.text("same_site") == "strict" ? .strict : .lax,
            idleTimeout: try values.number("idle_timeout"),
            absoluteTimeout: try values.number("absolute_timeout"),
            refreshWindow: try values.number("refresh_window"),
            defaultTokenLifetime: try values.number("token_lifetime"),
            requestPatience: try values.number("request_patience"),
            attemptLifetime: try values.number("login_lifetime"),
            attemptLimit: Int(try values.number("login_limit")), landing: try landing(prefix),
            shownClaims: try values.words("session_claims"),
            memoryAge: try values.number("memory_age"))
    }

    /// Browsers keep `__Host-` names free of other hosts' and of plain http's cookies (COK-02);
    /// on a plain-http origin they would drop such a cookie.
    private func cookieName(isSecure: Bool) throws(ConfigurationError) -> ByteString {
        if !isSecure && !values.isGiven("cookie_name") { return "cloakroom" }
        let name = try Conversion.cookieName(
            try values.text("cookie_name"), of: "cookie_name")
        let lowercased = name.lowercased
        if isSecure {
            guard name.hasPrefix("__Host-"), name.count > 7 else {
                throw ConfigurationError("cookie_name", mustBe: "__Host- and a name", not: name)
            }
        } else if lowercased.hasPrefix("__host-") || lowercased.hasPrefix("__secure-") {
            throw ConfigurationError(
                "cookie_name",
                "must not begin with __Host- or __Secure- where \"origin\" is plain http: browsers "
                    + "would drop the cookie")
        }
        return name
    }

    /// A landing below the prefix would lead from the login to the login.
    private func landing(_ prefix: ByteString) throws(ConfigurationError) -> ByteString {
        let landing = try Conversion.landing(try values.text("landing"))
        let path = landing.divided(at: 0x3F)?.0 ?? landing
        guard path != prefix, !path.hasPrefix(prefix + "/") else {
            throw ConfigurationError("landing", mustBe: "outside of \"prefix\"", not: landing)
        }
        return landing
    }

    private func need(
        _ name: ByteString, for other: ByteString
    ) throws(ConfigurationError) {
        guard values.isGiven(name) else {
            throw name == other
                ? ConfigurationError(name, "is missing")
                : ConfigurationError(name, "is missing: \"\(other)\" needs it")
        }
    }

    private func order(
        _ small: ByteString, notAbove large: ByteString
    ) throws(ConfigurationError) {
        let (low, high) = (try values.number(small), try values.number(large))
        guard low <= high else {
            throw ConfigurationError(
                small,
                "must not be longer than \"\(large)\", which is "
                    + Timespan.text(milliseconds: high &* 1_000))
        }
    }
}
