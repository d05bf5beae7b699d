import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Testing

@Suite struct ConfigurationDraftTests {
    @Test("Defaults are the ones of the plain structures")
    func defaults() throws {
        let configuration = try Sample().build()
        let provider = try #require(configuration.providers["idp"])
        #expect(
            provider
                == Provider(
                    name: "idp", issuer: "https://idp.example", network: .init(), tokens: .init(),
                    client: .init(
                        credentials: ClientCredentials(
                            clientID: "app", secret: Secret("hunter2" as ByteString)),
                        scopes: ["openid"]),
                    sessions: .init(origin: "https://app.example")))
        #expect(
            configuration.policies == [
                "api": Policy(name: "api", mode: .bearer, providers: ["idp"], audiences: ["api"]),
                "app": Policy(name: "app", mode: .session, providers: ["idp"]),
            ])
        #expect(configuration.store == .sqlite(path: "/var/lib/cloakroom/sessions.db"))
        #expect(configuration.keyRing != nil)
        #expect(!configuration.isDevelopment)
        #expect(configuration.shutdownTimeout == 15_000)
    }

    @Test("Every setting arrives where it belongs")
    func everything() throws {
        let certificates = try TemporaryFile("pem")
        var sample = try Sample()
        sample.library["shutdown_timeout"] = "1s"
        sample.library["store"] = "memory"
        sample.provider.merge([
            "ca_file": certificates.path, "proxy": "http://proxy:3128",
            "allow_private_addresses": "on", "connect_timeout": "1s", "request_timeout": "2s",
            "exchange_timeout": "3s", "access_token_algorithms": "ES256",
            "id_token_algorithms": "RS256 Ed25519", "leeway": "5s",
            "require_access_token_type": "off", "required_claims": "sub iat",
            "audience_claim": "azp", "scope_claim": "scp", "allow_scope_list": "on", "keys_min_age": "1s", "keys_max_age": "2s",
            "keys_hard_limit": "3s", "unknown_key_pause": "4s", "client_auth": "post",
            "scope": "openid offline_access",
            "authorization_parameters": "prompt=consent ui_locales=de%20en",
            "refresh_refusals": "400-empty 403-invalid_token", "unknown_outcome": "end",
            "origin": "https://App.example:8443/", "prefix": "/a/b",
            "cookie_name": "__Host-s", "same_site": "strict", "idle_timeout": "1m",
            "absolute_timeout": "1h", "refresh_window": "3s", "token_lifetime": "2m",
            "request_patience": "1500ms", "login_lifetime": "5m", "login_limit": "3",
            "landing": "/home?x=1", "session_claims": "sub", "memory_age": "0",
        ]) { $1 }
        sample.session.merge([
            "claim_headers": "X-User=sub X-Mail=email", "cross_site_reads": "on",
            "forward_token": "off",
        ]) { $1 }
        sample.bearer.merge([
            "audience": "a b", "scope": "read write", "realm": "the api",
            "token_cookie": "__Host-jwt", "origin": "https://shop.example/",
        ]) { $1 }
        let configuration = try sample.build()
        let provider = try #require(configuration.providers["idp"])
        #expect(configuration.shutdownTimeout == 1_000)
        #expect(configuration.store == .memory)
        #expect(
            provider.network
                == .init(
                    caFile: certificates.path, proxy: "http://proxy:3128",
                    allowsPrivateAddresses: true, connectTimeout: 1_000, requestTimeout: 2_000,
                    exchangeTimeout: 3_000))
        #expect(
            provider.tokens
                == .init(
                    accessAlgorithms: [.es256], idAlgorithms: [.rs256, .ed25519], leeway: 5,
                    profile: AccessTokenProfile(
                        requiresType: false, requiredClaims: ["sub", "iat"], audienceClaim: "azp",
                        scopeClaim: "scp", allowsScopeList: true),
                    keysMinimumAge: 1, keysMaximumAge: 2,
                    keysHardLimit: 3, unknownKeyPause: 4))
        let client = try #require(provider.client)
        #expect(client.credentials.method == .post)
        #expect(client.scopes == ["openid", "offline_access"])
        #expect(
            client.authorizationParameters == [
                HeaderField("prompt", "consent"), HeaderField("ui_locales", "de en"),
            ])
        #expect(
            client.refusals == [
                RefusalShape(status: 400, error: nil),
                RefusalShape(status: 403, error: "invalid_token"),
            ])
        #expect(!client.presentsUnknownOutcomeAgain)
        #expect(
            provider.sessions
                == .init(
                    origin: "https://app.example:8443", prefix: "/a/b", cookieName: "__Host-s",
                    sameSite: .strict, idleTimeout: 60, absoluteTimeout: 3_600, refreshWindow: 3,
                    defaultTokenLifetime: 120, requestPatience: 1_500, attemptLifetime: 300,
                    attemptLimit: 3, landing: "/home?x=1", shownClaims: ["sub"], memoryAge: 0))
        #expect(
            configuration.policies["app"]
                == Policy(
                    name: "app", mode: .session, providers: ["idp"],
                    claimHeaders: [
                        ClaimHeader(name: "X-User", claim: "sub"),
                        ClaimHeader(name: "X-Mail", claim: "email"),
                    ], allowsCrossSiteReads: true, forwardsToken: false))
        #expect(
            configuration.policies["api"]
                == Policy(
                    name: "api", mode: .bearer, providers: ["idp"], audiences: ["a", "b"],
                    requiredScopes: ["read", "write"], realm: "the api", tokenCookie: "__Host-jwt",
                    origin: "https://shop.example"))
    }

    @Test("Sections are named provider/NAME and policy/NAME", arguments: [
        "provider", "provider/", "policy/a b", "location/x", "provider/a/b", "Provider/a",
        "policy/\u{e9}",
    ] as [ByteString])
    func sections(section: ByteString) {
        #expect(refusal(section, "issuer", "https://idp.example") != nil)
    }

    @Test("An empty section is that of the library")
    func emptySection() {
        #expect(refusal("", "development", "on") == nil)
        #expect(refusal(nil, "development", "on") == nil)
    }

    @Test("An unknown setting is answered with the nearest one", arguments: [
        ("provider/p", "isuer", #"a provider has no setting "isuer": did you mean "issuer"?"#),
        ("provider/p", "Client-ID",
            #"a provider has no setting "Client-ID": did you mean "client_id"?"#),
        ("provider/p", "cookei_name",
            #"a provider has no setting "cookei_name": did you mean "cookie_name"?"#),
        ("policy/p", "audiance", #"a policy has no setting "audiance": did you mean "audience"?"#),
        ("policy/p", "colour", #"a policy has no setting "colour""#),
        ("policy/p", "issuer", #""issuer" is a setting of a provider, not of a policy"#),
        (nil, "client_id",
            #""client_id" is a setting of a provider, not of the library as a whole"#),
    ] as [(ByteString?, ByteString, String)])
    func unknown(section: ByteString?, name: ByteString, sentence: String) {
        #expect(refusal(section, name, "topsecret") == sentence)
    }

    @Test("A setting given twice is an error")
    func twice() throws {
        var draft = ConfigurationDraft()
        try draft.set(section: "provider/p", name: "leeway", value: "1s")
        try draft.set(section: "provider/q", name: "leeway", value: "1s")
        let error = #expect(throws: ConfigurationError.self) {
            try draft.set(section: "provider/p", name: "leeway", value: "1s")
        }
        #expect(error?.message == #""leeway" is given twice"#)
    }

    @Test("A section is checked by itself, before the rest of the file is known")
    func validateSection() throws {
        var draft = ConfigurationDraft()
        try draft.set(section: "policy/api", name: "mode", value: "bearer")
        try draft.set(section: "policy/api", name: "audience", value: "api")
        let missing = #expect(throws: ConfigurationError.self) {
            try draft.validate(section: "policy/api")
        }
        #expect(missing?.message == #""provider" is missing (policy/api)"#)
        try draft.set(section: "policy/api", name: "provider", value: "idp")
        try draft.validate(section: "policy/api")
        let unknown = #expect(throws: ConfigurationError.self) { try draft.validate(section: nil) }
        #expect(
            unknown?.message.string
                == #""provider" names "idp", which is no provider of this configuration "#
                + "(policy/api)")
        let empty = #expect(throws: ConfigurationError.self) {
            try draft.validate(section: "provider/idp")
        }
        #expect(empty?.message == #""issuer" is missing (provider/idp)"#)
    }

    @Test("Sentences are one printable line of at most 240 bytes, whatever was written")
    func longSentences() throws {
        let section: ByteString = "provider/" + ByteString(String(repeating: "n", count: 64))
        let long = ByteString(String(repeating: "é\n", count: 4_000))
        for name in ["issuer", "leeway", "ca_file", "prefix", "refresh_refusals", long]
            as [ByteString]
        {
            let sentence = try #require(refusal(section, name, long))
            #expect(sentence.utf8.count <= 240)
            #expect(sentence.utf8.allSatisfy { $0 >= 0x20 })
        }
        var draft = ConfigurationDraft()
        try draft.set(section: section, name: "issuer", value: "https://idp.example")
        try draft.set(section: section, name: "client_id", value: "app")
        let error = #expect(throws: ConfigurationError.self) {
            try draft.validate(section: section)
        }
        let message = try #require(error?.message)
        #expect(message.count <= 240)
        #expect(message.hasSuffix("(" + section + ")"))
    }
}
