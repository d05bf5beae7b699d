import Configuration
import Encodings
import HTTPMessages
import Testing

@Suite struct ContradictionTests {
    @Test("Sessions need client, secret, origin, store and keys", arguments: [
        "client_id", "client_secret_file", "origin", "store", "key_file",
    ] as [ByteString])
    func sessionNeeds(name: ByteString) throws {
        var sample = try Sample()
        if ["store", "key_file"].contains(name) {
            sample.library[name] = .some(nil)
        } else {
            sample.provider[name] = .some(nil)
        }
        #expect(sample.refusal?.hasPrefix("\"\(name)\" is missing") == true)
        sample.session["mode"] = "endpoints"
        #expect(sample.refusal?.hasPrefix("\"\(name)\" is missing") == true)
    }

    @Test("A provider without client serves bearer policies, and only those")
    func bearerOnly() throws {
        var sample = try Sample()
        sample.library = [:]
        sample.provider = ["issuer": "https://idp.example"]
        #expect(
            sample.refusal
                == #""client_id" is missing in provider/idp: sessions need it (policy/app)"#)
        sample.session = [:]
        let configuration = try sample.build()
        #expect(configuration.providers["idp"]?.client == nil)
        #expect(configuration.providers["idp"]?.sessions == nil)
    }

    @Test("CLM-02 A bearer policy needs an audience")
    func audience() throws {
        var sample = try Sample()
        sample.bearer["audience"] = .some(nil)
        #expect(
            sample.refusal
                == #""audience" is missing: a bearer policy without it would admit tokens made "#
                + #"for anyone else (policy/api)"#)
    }

    @Test("KEY-13 A bearer policy takes several providers, of different issuers, each once", arguments: [
        ("idp zwei", nil), ("idp,zwei", nil), ("zwei, idp", nil),
        ("idp idp", #""provider" names "idp" twice"#),
        (",", #""provider" has no value"#),
        ("idp drei", #""provider" names "drei", which is no provider of this configuration (policy/api)"#),
        (
            "idp same",
            #""provider" names idp and same, which have the same issuer: no token could tell "#
                + #"them apart (policy/api)"#
        ),
    ] as [(ByteString, String?)])
    func severalProviders(names: ByteString, refusal: String?) throws {
        var sample = try Sample()
        sample.bearer["provider"] = names
        var message: String?
        do throws(ConfigurationError) {
            var draft = try sample.draft()
            try draft.set(section: "provider/zwei", name: "issuer", value: "https://b.example")
            try draft.set(section: "provider/same", name: "issuer", value: "https://idp.example")
            let guarded = try draft.build().guarded["api"]
            let issuers = guarded?.issuers.map(\.rules.issuer) ?? []
            #expect(Set(issuers) == ["https://idp.example", "https://b.example"])
        } catch {
            message = error.message.string
        }
        #expect(message == refusal)
    }

    @Test("COK-17 What is kept is sealed: a store needs a key file, sessions or not")
    func storeNeedsKeys() throws {
        var sample = try Sample()
        sample.provider = ["issuer": "https://idp.example"]
        (sample.session, sample.library["key_file"]) = ([:], .some(nil))
        #expect(
            sample.refusal == #""key_file" is missing: what is kept in "store" is sealed with it"#)
        sample.library["store"] = .some(nil)
        #expect(sample.refusal == nil)
    }

    @Test("MET-03 Keys come from one place: jwks_url, jwks_file, or where discovery says")
    func keySources() throws {
        let file = try TemporaryFile(Sample.jwks, mode: 0o644)
        var sample = try Sample()
        sample.provider["jwks_url"] = "https://keys.example/jwks"
        let clash = "has no effect with \"client_id\": sessions need the discovery document, which "
            + "names the keys (provider/idp)"
        #expect(sample.refusal == "\"jwks_url\" " + clash)
        sample.provider["jwks_url"] = .some(nil)
        sample.provider["jwks_file"] = file.path
        #expect(sample.refusal == "\"jwks_file\" " + clash)
        sample.session = [:]
        sample.provider = ["issuer": "https://idp.example", "jwks_file": file.path]
        #expect(try sample.build().providers["idp"]?.keySource == .file(file.path))
        sample.provider["jwks_url"] = "https://keys.example/jwks"
        #expect(
            sample.refusal == #""jwks_file" cannot stand beside "jwks_url" (provider/idp)"#)
        sample.provider["jwks_file"] = .some(nil)
        let provider = try #require(try sample.build().providers["idp"])
        #expect(provider.keySource == .url("https://keys.example/jwks"))
        #expect(!provider.network.allowsPlainHTTP)
        sample.provider["jwks_url"] = "http://localhost:8080/jwks"
        #expect(sample.refusal?.contains("must be an https URL") == true)
        sample.library["development"] = "on"
        #expect(try sample.build().providers["idp"]?.network.allowsPlainHTTP == true)
    }

    @Test("KEY-17 A key file must hold a usable key", arguments: [
        ("", "is neither a JWK set nor public keys in PEM"),
        ("<html>", "is neither a JWK set nor public keys in PEM"),
        (#"{"keys":[]}"#, "holds no key that could check a signature"),
    ])
    func keySetFile(contents: String, predicate: String) throws {
        let file = try TemporaryFile(contents)
        #expect(
            refusal("provider/idp", "jwks_file", file.path)
                == "\"jwks_file\" names \"\(file.path)\", which \(predicate)")
        #expect(refusal("provider/idp", "jwks_file", "/does/not/exist")?.contains("not exist") == true)
    }

    @Test("Sessions and endpoints have one provider", arguments: ["session", "endpoints"])
    func oneProvider(mode: String) throws {
        var sample = try Sample()
        (sample.session["mode"], sample.session["provider"]) = (ByteString(mode), "idp,zwei")
        #expect(
            sample.refusal
                == #""provider" must name one provider: only bearer policies take tokens of "#
                + #"several (policy/app)"#)
    }

    @Test("CLM-02 A provider's own audience stands in for the policy's, never beside it")
    func providerAudience() throws {
        var sample = try Sample()
        sample.provider["audience"] = "urn:theirs"
        #expect(
            sample.refusal
                == #""audience" has no effect where every provider has an "audience" of its own: "#
                + #"take one of them out (policy/api)"#)
        sample.bearer["audience"] = .some(nil)
        #expect(try sample.build().guarded["api"]?.issuers.map(\.rules.audiences) == [["urn:theirs"]])
        sample.bearer["audience"] = "api"
        sample.bearer["provider"] = "idp zwei"
        var draft = try sample.draft()
        try draft.set(section: "provider/zwei", name: "issuer", value: "https://b.example")
        #expect(
            try draft.build().guarded["api"]?.issuers.map(\.rules.audiences)
                == [["urn:theirs"], ["api"]])
    }

    @Test("A setting that its mode would pass over is an error", arguments: [
        ("session", "audience", "x"), ("session", "scope", "x"), ("session", "realm", "x"),
        ("session", "token_cookie", "x"), ("session", "origin", "https://app.example"),
        ("endpoints", "token_cookie", "x"), ("endpoints", "audience", "x"), ("endpoints", "claim_headers", "X-User=sub"),
        ("endpoints", "forward_token", "off"),
    ] as [(ByteString, ByteString, ByteString)])
    func withoutEffect(mode: ByteString, name: ByteString, value: ByteString) throws {
        var sample = try Sample()
        sample.session["mode"] = mode
        sample.session[name] = value
        #expect(
            sample.refusal
                == "\"\(name)\" has no effect with \"mode \(mode)\": take it out (policy/app)")
    }

    @Test("A bearer policy has no settings of cookies, unless one holds its token", arguments: [
        ("cross_site_reads", "on"), ("origin", "https://app.example"),
    ] as [(ByteString, ByteString)])
    func bearerSettings(name: ByteString, value: ByteString) throws {
        var sample = try Sample()
        sample.bearer[name] = value
        #expect(
            sample.refusal
                == "\"\(name)\" has no effect without \"token_cookie\": no cookie lets anyone in "
                + "here (policy/api)")
        sample.bearer["token_cookie"] = "__Host-jwt"
        #expect(sample.refusal == nil)
    }

    @Test("BRW-01 A token cookie needs the origin of the pages that use it")
    func tokenCookieOrigin() throws {
        var sample = try Sample()
        sample.bearer["token_cookie"] = "__Host-jwt"
        #expect(try sample.build().guarded["api"]?.origin == "https://app.example")
        sample.bearer["origin"] = "https://SHOP.example:443/"
        #expect(try sample.build().guarded["api"]?.origin == "https://shop.example")
        sample.bearer["origin"] = "http://localhost:8080"
        #expect(sample.refusal?.hasPrefix("\"origin\" must be an https URL") == true)
        sample.library["development"] = "on"
        #expect(sample.refusal == nil)
        sample.library["development"] = .some(nil)
        sample.bearer["origin"] = .some(nil)
        sample.provider = ["issuer": "https://idp.example"]
        sample.session = [:]
        #expect(
            sample.refusal
                == "\"origin\" is missing: without it nobody can tell whether a request with the "
                + "\"token_cookie\" comes from your own pages (policy/api)")
    }

    @Test("COK-16 A token cookie is none of our session cookies", arguments: [
        "__Host-cloakroom", "__Host-cloakroom-login-", "__Host-cloakroom-login-x",
    ] as [ByteString])
    func tokenCookieName(name: ByteString) throws {
        var sample = try Sample()
        sample.bearer["token_cookie"] = name
        #expect(sample.refusal?.contains("is a name of our own session cookies") == true)
        sample.bearer["token_cookie"] = "__Host-cloakroom-jwt"
        #expect(sample.refusal == nil)
    }

    @Test("Settings of a session or client need what they belong to")
    func dependents() throws {
        var sample = try Sample()
        sample.provider = ["issuer": "https://idp.example", "scope": "openid"]
        #expect(sample.refusal == #""client_id" is missing: "scope" needs it (provider/idp)"#)
        sample.provider = ["issuer": "https://idp.example", "idle_timeout": "1h"]
        #expect(sample.refusal == #""origin" is missing: "idle_timeout" needs it (provider/idp)"#)
        sample.provider = ["issuer": "https://idp.example", "origin": "https://app.example"]
        #expect(sample.refusal == #""client_id" is missing: "origin" needs it (provider/idp)"#)
    }

    @Test("The shorter time is not the longer one", arguments: [
        ("idle_timeout", "11h", "absolute_timeout"), ("keys_min_age", "2h", "keys_max_age"),
        ("keys_max_age", "2d", "keys_hard_limit"),
    ] as [(ByteString, ByteString, ByteString)])
    func order(small: ByteString, value: ByteString, large: ByteString) throws {
        var sample = try Sample()
        sample.provider[small] = value
        #expect(
            sample.refusal?.hasPrefix("\"\(small)\" must not be longer than \"\(large)\"") == true)
    }

    @Test("CB-04 COK-16 Providers on one host are told apart by callback and cookie", arguments: [
        ("https://app.example", "/auth", "__Host-b", #""prefix" must differ"#),
        ("https://app.example", "/auth/b", "__Host-b", #""prefix" must differ"#),
        ("https://app.example", "/b", "__Host-cloakroom", #""cookie_name" must differ"#),
        ("https://app.example:8443", "/auth", "__Host-cloakroom", #""cookie_name" must differ"#),
        ("https://app.example", "/authb", "__Host-b", nil),
        ("https://app.example:8443", "/auth", "__Host-b", nil),
        ("https://other.example", "/auth", "__Host-cloakroom", nil),
    ] as [(ByteString, ByteString, ByteString, String?)])
    func twoProviders(
        origin: ByteString, prefix: ByteString, cookie: ByteString, refusal: String?
    ) throws {
        let sample = try Sample()
        var draft = try sample.draft()
        for (name, value) in [
            ("issuer", "https://b.example"), ("client_id", "b"),
            ("client_secret_file", sample.secretFile.path), ("origin", origin),
            ("prefix", prefix), ("cookie_name", cookie),
        ] as [(ByteString, ByteString)] {
            try draft.set(section: "provider/zwei", name: name, value: value)
        }
        var message: String?
        do throws(ConfigurationError) { _ = try draft.build() } catch {
            message = error.message.string
        }
        if let refusal {
            #expect(message?.hasPrefix(refusal) == true)
        } else {
            #expect(message == nil)
        }
    }

    @Test("MET-06 Only the issuer's own host may lie on a private address, unless a setting allows",
        arguments: [
            ("https://idp.example/jwks", true), ("https://IDP.example:8443/jwks", true),
            ("https://keys.example/jwks", false), ("https://idp.example.evil/jwks", false),
            ("https://127.0.0.1/jwks", false),
        ] as [(ByteString, Bool)])
    func route(url: ByteString, isNamed: Bool) throws {
        var sample = try Sample()
        let reference = try #require(URLReference(url))
        let strict = try #require(try sample.build().providers["idp"]).route(to: reference)
        #expect(strict.addresses == (isNamed ? .any : .publicOnly))
        sample.provider["allow_private_addresses"] = "on"
        let lax = try #require(try sample.build().providers["idp"]).route(to: reference)
        #expect(lax.addresses == .any)
    }
}
