import Configuration
import Encodings
import JOSE
import Testing

@Suite struct RefusedSettingsTests {
    @Test("What deliberately does not exist is refused with the reason", arguments: [
        ("grant_type", "password", "people sign in at the provider"),
        ("username", "alice", "people sign in at the provider"),
        ("password", "topsecret", "people sign in at the provider"),
        ("grant_type", "client_credentials", "is no setting"),
        ("response_type", "token", "put tokens into URLs"),
        ("response_type", "code id_token", "put tokens into URLs"),
        ("response_type", "code", "always code"),
        ("token_from", "query", "logs, histories and Referer"),
        ("ssl_verify", "off", "always verified"),
        ("tls_verify", "off", "always verified"),
        ("client_secret", "topsecret", "client_secret_file"),
        ("pkce", "off", "PKCE S256"),
        ("pkce", "plain", "PKCE S256"),
        ("pkce", "on", "always on"),
    ] as [(ByteString, ByteString, String)])
    func gaps(name: ByteString, value: ByteString, reason: String) throws {
        for section: ByteString? in [nil, "provider/p", "policy/p"] {
            let sentence = try #require(refusal(section, name, value))
            #expect(sentence.hasPrefix("\"\(name)\" "))
            #expect(sentence.contains(reason))
            #expect(!sentence.contains("topsecret"))
            #expect(sentence.utf8.count <= 240)
            #expect(!sentence.hasSuffix("..."))
        }
    }

    @Test("ALG-03 ALG-04 Symmetric algorithms and none are refused with the reason", arguments: [
        ("HS256", "can also forge it"), ("RS256 HS512", "can also forge it"),
        ("hs256", "can also forge it"), ("none", "without a signature"),
        ("NONE", "without a signature"), ("RS256 none", "without a signature"),
    ] as [(ByteString, String)], ["access_token_algorithms", "id_token_algorithms"] as [ByteString])
    func algorithms(value: (ByteString, String), name: ByteString) throws {
        let sentence = try #require(refusal("provider/p", name, value.0))
        #expect(sentence.contains(value.1))
        #expect(!sentence.hasSuffix("..."))
    }

    @Test("ALG-02 ALG-10 Algorithms that are unknown here are refused", arguments: [
        "rs256", "RS1", "ES256K", "RS256,ES256", "ed448", "ESP256", "ESB256",
    ] as [ByteString])
    func unknownAlgorithms(value: ByteString) {
        #expect(refusal("provider/p", "access_token_algorithms", value) != nil)
    }

    @Test("ALG-08 EdDSA admits either curve under either name; a curve's own name admits no other")
    func edwards() throws {
        var sample = try Sample()
        for (words, expected) in [
            ("Ed25519", [.ed25519]), ("Ed448", [.ed448]), ("EdDSA", [.edDSA, .ed25519, .ed448]),
            ("ES256 Ed448", [.es256, .ed448]),
        ] as [(ByteString, Set<SignatureAlgorithm>)] {
            sample.provider["access_token_algorithms"] = words
            #expect(try sample.build().providers["idp"]?.tokens.accessAlgorithms == expected)
        }
    }

    @Test("MET-03 An issuer is https, without query, fragment or user", arguments: [
        "http://idp.example", "https://idp.example?x=1", "https://idp.example#x",
        "https://u:p@idp.example", "http://localhost.evil.example", "http://10.0.0.1",
        "ftp://idp.example", "idp.example",
    ] as [ByteString])
    func issuer(value: ByteString) { #expect(refusal("provider/p", "issuer", value) != nil) }

    @Test("MET-03 Plain http is admitted on localhost only, and only in development")
    func development() throws {
        let sentence =
            #""issuer" must be an https URL: plain http is only admitted on localhost "#
            + #"with "development on""#
        #expect(refusal("provider/p", "issuer", "http://idp.example") == sentence)
        var sample = try Sample()
        sample.provider["issuer"] = "http://127.0.0.1:4593/api"
        #expect(sample.refusal == sentence + " (provider/idp)")
        sample.library["development"] = "on"
        #expect(try sample.build().providers["idp"]?.network.allowsPlainHTTP == true)
        sample.provider["issuer"] = "https://idp.example"
        #expect(try sample.build().providers["idp"]?.network.allowsPlainHTTP == false)
    }

    @Test("A section that ends before development is said lets plain http on localhost by for now")
    func developmentLater() throws {
        var draft = ConfigurationDraft()
        try draft.set(section: "provider/p", name: "issuer", value: "http://localhost")
        try draft.validate(section: "provider/p")
        #expect(throws: ConfigurationError.self) { try draft.validate(section: nil) }
        try draft.set(section: nil, name: "development", value: "off")
        #expect(throws: ConfigurationError.self) { try draft.validate(section: "provider/p") }
    }

    @Test("LOG-07 An origin is scheme, host and port", arguments: [
        "https://app.example/app", "https://app.example?x", "http://app.example", "app.example",
        "https://u@app.example",
    ] as [ByteString])
    func origin(value: ByteString) { #expect(refusal("provider/p", "origin", value) != nil) }

    @Test("A plain-http origin needs development, and a loopback host")
    func plainOrigin() throws {
        var sample = try Sample()
        sample.provider["origin"] = "http://localhost:8080"
        #expect(sample.refusal?.contains("development on") == true)
        sample.library["development"] = "on"
        let sessions = try #require(try sample.build().providers["idp"]?.sessions)
        #expect(sessions.origin == "http://localhost:8080")
        #expect(sessions.cookieName == "cloakroom")
        #expect(!sessions.isCookieSecure)
    }

    @Test("COK-02 A cookie name fits its origin", arguments: [
        ("https://app.example", "cloakroom", true), ("https://app.example", "__Secure-a", true),
        ("https://app.example", "__host-a", true), ("https://app.example", "__Host-", true),
        ("https://app.example", "__Host-a", false), ("http://localhost", "__Host-a", true),
        ("http://localhost", "__host-a", true), ("http://localhost", "__Secure-a", true),
        ("http://localhost", "a", false),
    ] as [(ByteString, ByteString, Bool)])
    func cookieName(origin: ByteString, name: ByteString, isRefused: Bool) throws {
        var sample = try Sample()
        sample.library["development"] = "on"
        sample.provider["origin"] = origin
        sample.provider["cookie_name"] = name
        #expect((sample.refusal != nil) == isRefused)
    }

    @Test("COK-04 A cookie name has no characters that end it", arguments: [
        "__Host-a;b", "__Host-a b", "__Host-a=b", "__Host-é", "__Host-a\"",
    ] as [ByteString])
    func cookieCharacters(name: ByteString) {
        #expect(refusal("provider/p", "cookie_name", name) != nil)
    }

    @Test("LOG-08 A landing is a local path", arguments: [
        "//evil.example", "https://evil.example", "/\\evil", "evil", "/a b", "/a#b", "/\u{e9}",
        "javascript:1",
    ] as [ByteString])
    func landing(value: ByteString) { #expect(refusal("provider/p", "landing", value) != nil) }

    @Test("A landing does not lie below the prefix", arguments: [
        "/auth", "/auth/login", "/auth?x=1",
    ] as [ByteString])
    func landingBelowPrefix(value: ByteString) throws {
        var sample = try Sample()
        sample.provider["landing"] = value
        #expect(sample.refusal?.contains(#"must be outside of "prefix""#) == true)
        sample.provider["landing"] = "/authors"
        #expect(sample.refusal == nil)
    }

    @Test("A prefix is a path without surprises", arguments: [
        "/", "auth", "/auth/", "//auth", "/a//b", "/../a", "/.", "/a%2fb", "/a?b", "/a b", "/a;b",
    ] as [ByteString])
    func prefix(value: ByteString) { #expect(refusal("provider/p", "prefix", value) != nil) }

    @Test("LOG-13 LOG-14 Parameters that we set ourselves cannot be added", arguments: [
        "client_id=x", "redirect_uri=x", "response_type=token", "scope=x", "state=x", "nonce=x",
        "code_challenge=x", "code_challenge_method=plain", "request_uri=x", "%73tate=x",
        "prompt=a prompt=b", "prompt", "=x", "a=%zz",
    ] as [ByteString])
    func parameters(value: ByteString) {
        #expect(refusal("provider/p", "authorization_parameters", value) != nil)
    }

    @Test("REF-07 Only statuses that can mean a refusal may end a session", arguments: [
        "500-empty", "503-empty", "429-empty", "408-invalid_grant", "200-empty", "302-empty",
        "empty", "400", "400-", "4000-empty", "400-a\"b", "-empty",
    ] as [ByteString])
    func refusals(value: ByteString) {
        #expect(refusal("provider/p", "refresh_refusals", value) != nil)
    }

    @Test("UPS-01 UPS-02 Claim headers cannot take the place of others", arguments: [
        "Authorization=sub", "authorization=sub", "Cookie=sub", "Host=sub", "Connection=sub",
        "Transfer-Encoding=sub", "Transfer_Encoding=sub", "Content-Length=sub",
        "X-User=sub x-user=email", "X-User=sub X_User=email", "X User=sub", "X-User", "=sub",
        "X-User=", "X:User=sub", "X-Us\u{e9}r=sub",
    ] as [ByteString])
    func claimHeaders(value: ByteString) {
        #expect(refusal("policy/p", "claim_headers", value) != nil)
    }

    @Test("IDT-10 max_age is checked later, so it must be a number of seconds", arguments: [
        "max_age=", "max_age=x", "max_age=-1", "max_age=1.5", "max_age=1h", "max_age=1234567890",
        "max_age=%2060",
    ] as [ByteString])
    func maximumAge(value: ByteString) {
        #expect(refusal("provider/p", "authorization_parameters", value) != nil)
        #expect(refusal("provider/p", "authorization_parameters", "max_age=0") == nil)
    }

    @Test("COK-04 COK-08 A token cookie's name is a token", arguments: [
        "a b", "a;b", "a=b", "a,b", "\"a\"", "ä", "a/b", "a\tb",
        ByteString(String(repeating: "a", count: 65)),
    ] as [ByteString])
    func tokenCookie(value: ByteString) {
        #expect(refusal("policy/p", "token_cookie", value) != nil)
        #expect(refusal("policy/p", "token_cookie", "__Host-jwt") == nil)
        #expect(refusal("policy/p", "token_cookie", "!#$%&'*+-.^_`|~09azAZ") == nil)
    }

    @Test("BEA-08 A realm cannot end its quotes", arguments: [
        "a\"b", "a\\b", "\u{e9}",
    ] as [ByteString])
    func realm(value: ByteString) { #expect(refusal("policy/p", "realm", value) != nil) }

    @Test("A proxy is host and port; a password in it is not shown")
    func proxy() throws {
        #expect(refusal("provider/p", "proxy", "http://proxy:3128") == nil)
        #expect(refusal("provider/p", "proxy", "https://proxy:3128") != nil)
        #expect(refusal("provider/p", "proxy", "http://proxy:3128/x") != nil)
        let sentence = try #require(refusal("provider/p", "proxy", "http://u:topsecret@proxy:1"))
        #expect(!sentence.contains("topsecret"))
    }

    @Test("A store is memory or an absolute path", arguments: [
        ("memory", false), ("/a/b.db", false), ("sqlite:/a/b.db", false), ("sqlite:b.db", true),
        ("b.db", true), ("redis://localhost", true), ("/", true), ("sqlite:", true),
    ] as [(ByteString, Bool)])
    func store(value: ByteString, isRefused: Bool) {
        #expect((refusal(nil, "store", value) != nil) == isRefused)
    }

    @Test("A login must ask for openid")
    func openid() {
        #expect(refusal("provider/p", "scope", "profile email") != nil)
        #expect(refusal("provider/p", "scope", "profile openid") == nil)
    }
}
