import Encodings
import HTTPMessages
import JOSE

/// How the sections fit together.
struct CrossChecks {
    private let configuration: Configuration
    private let providers: [Provider]

    init(_ configuration: Configuration) {
        self.configuration = configuration
        providers = configuration.providers.values.sorted { $0.name < $1.name }
    }

    func run() throws(ConfigurationError) {
        for policy in configuration.policies.values.sorted(by: { $0.name < $1.name }) {
            do throws(ConfigurationError) {
                try check(policy)
            } catch {
                throw error.inside(SectionName(.policy, policy.name))
            }
        }
        if configuration.store != nil, configuration.keyRing == nil {
            throw ConfigurationError(
                "key_file", "is missing: what is kept in \"store\" is sealed with it")
        }
        for (index, provider) in providers.enumerated() {
            try checkUse(of: provider)
            for earlier in providers.prefix(index) {
                do throws(ConfigurationError) {
                    try check(provider, against: earlier)
                } catch {
                    throw error.inside(SectionName(.provider, provider.name))
                }
            }
        }
    }

    /// Who names keys believes that tokens are opened.
    private func checkUse(of provider: Provider) throws(ConfigurationError) {
        guard !provider.tokens.decryptionKeys.isEmpty else { return }
        let isUsed = configuration.policies.values.contains {
            $0.mode == .bearer && $0.providers.contains(provider.name)
        }
        guard isUsed else {
            throw ConfigurationError(
                "decryption_key_files",
                "has no effect: only bearer policies open tokens, and none names this provider"
            ).inside(SectionName(.provider, provider.name))
        }
    }

    private func check(_ policy: Policy) throws(ConfigurationError) {
        var providers: [Provider] = []
        for name in policy.providers {
            guard let provider = configuration.providers[name] else {
                throw ConfigurationError(
                    "provider", "names \(ConfigurationError.quoted(name)), which is no provider of "
                        + "this configuration")
            }
            providers.append(provider)
        }
        guard policy.mode != .bearer else {
            try check(policy, issuers: providers)
            return try checkTokenCookie(policy)
        }
        guard let provider = providers.first else { return }
        let need: ByteString = "is missing: the sessions of policy/\(policy.name) need it"
        for (name, isThere) in [
            ("client_id", provider.client != nil), ("origin", provider.sessions != nil),
        ] as [(ByteString, Bool)] where !isThere {
            throw ConfigurationError(
                name, "is missing in provider/\(provider.name): sessions need it")
        }
        if configuration.store == nil { throw ConfigurationError("store", need) }
        if configuration.keyRing == nil { throw ConfigurationError("key_file", need) }
    }

    private func check(
        _ policy: Policy, issuers: [Provider]
    ) throws(ConfigurationError) {
        for (index, issuer) in issuers.enumerated() {
            let earlier = issuers[..<index].first { $0.issuer == issuer.issuer }
            if let earlier {
                throw ConfigurationError(
                    "provider", "names \(earlier.name) and \(issuer.name), which have the same "
                        + "issuer: no token could tell them apart")
            }
            guard !policy.audiences.isEmpty || !issuer.tokens.audiences.isEmpty else {
                throw ConfigurationError(
                    "audience", "is missing: a bearer policy without it would admit tokens made "
                        + "for anyone else")
            }
        }
        if !policy.audiences.isEmpty, issuers.allSatisfy({ !$0.tokens.audiences.isEmpty }) {
            throw ConfigurationError(
                "audience", "has no effect where every provider has an \"audience\" of its own: "
                    + "take one of them out")
        }
    }

    /// Which requests may come from other sites can only be told by whose the others are.
    private func checkTokenCookie(_ policy: Policy) throws(ConfigurationError) {
        guard let name = policy.tokenCookie else { return }
        guard let origin = configuration.guarded[policy.name]?.origin else {
            throw ConfigurationError(
                "origin", "is missing: without it nobody can tell whether a request with the "
                    + "\"token_cookie\" comes from your own pages")
        }
        guard configuration.isDevelopment || URLReference(origin)?.isSecure ?? false else {
            throw ConfigurationError("origin", Conversion.plainHTTP)
        }
        for other in providers.compactMap(\.sessions?.cookieName)
        where GuardedCookies(sessionName: other).contains(name) {
            throw ConfigurationError(
                "token_cookie",
                "must not be \(ConfigurationError.quoted(name)): that is a name of our own "
                    + "session cookies")
        }
    }

    /// Two providers must be told apart by the callback's path, or an answer of one could be taken
    /// for the other's (CB-04), and by their cookies, which know hosts but no ports.
    private func check(
        _ provider: Provider, against earlier: Provider
    ) throws(ConfigurationError) {
        guard let mine = provider.sessions, let other = earlier.sessions,
            let myHost = URLReference(mine.origin)?.host, myHost == URLReference(other.origin)?.host
        else { return }
        if mine.origin == other.origin,
            (mine.prefix + "/").hasPrefix(other.prefix + "/")
                || (other.prefix + "/").hasPrefix(mine.prefix + "/")
        {
            throw ConfigurationError(
                "prefix", "must differ from that of provider/\(earlier.name), which has the same "
                    + "origin, and neither may lie below the other")
        }
        if mine.cookieName == other.cookieName {
            throw ConfigurationError(
                "cookie_name",
                "must differ from that of provider/\(earlier.name), which has the same host")
        }
    }
}
