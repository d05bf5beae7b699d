import Configuration
import Encodings
import Engine
import HTTPMessages
import Testing

/// A token that an application keeps in a cookie of its own: as good as one in the header, and
/// guarded like a session.
@Suite struct TokenCookieTests {
    static let name: ByteString = "__Host-jwt"

    static func bench(_ adjust: (inout Policy) -> Void = { _ in }) -> Bench {
        Bench(World()) { configuration in
            guard var policy = configuration.policies["api"] else { return }
            policy.tokenCookie = name
            adjust(&policy)
            configuration.policies["api"] = policy
        }
    }
    static func api(_ method: ByteString, _ token: ByteString) -> TestRequest {
        TestRequest(method: method, target: "/v1", policy: "api")
            .cookie("a=1; " + name + "=" + token + "; b=2")
    }
    static func own(_ method: ByteString, _ token: ByteString) -> TestRequest {
        api(method, token).with("Sec-Fetch-Site", "same-origin")
    }

    @Test("COK-14 UPS-06 BRW-12 A good token goes on as Authorization, its cookie does not")
    func good() throws {
        let bench = Self.bench()
        let token = bench.world.provider.apiToken()
        for _ in 0..<2 {
            let request = Self.own("POST", token).with("X-User", "admin")
            let decision = try #require(bench.ask(request))
            #expect(decision.outcome == .forward)
            let upstream = decision.upstream(request)
            #expect(upstream.only("authorization") == "Bearer " + token)
            #expect(upstream.only("cookie") == "a=1; b=2")
            #expect(upstream.only("x-user") == "alice")
            #expect(decision.header("Cache-Control") == "private")
            #expect(decision.header("Vary") == "Cookie")
            // The application sets it, perhaps behind us.
            #expect(decision.guardedCookies?.isSet(by: Self.name + "=x") == false)
        }
        // The header counts as before, and its answer is no person's.
        let header = TestRequest.api(("Authorization", "Bearer " + token))
        let decision = try #require(bench.ask(header))
        #expect(decision.upstream(header).only("authorization") == "Bearer " + token)
        #expect(decision.clientHeaders.isEmpty)
    }

    @Test("UPS-07 Where the policy forwards no token, neither cookie nor Authorization goes on")
    func notForwarded() throws {
        let bench = Self.bench { $0.forwardsToken = false }
        let token = bench.world.provider.apiToken()
        for request in [
            Self.own("GET", token), .api(("Authorization", "Bearer " + token)),
            Self.own("GET", token).with("Authorization", "Basic eDp5"),
        ] {
            let decision = try #require(bench.ask(request))
            #expect(decision.outcome == .forward)
            let upstream = decision.upstream(request)
            #expect(upstream.only("authorization") == nil)
            #expect(upstream.allSatisfy { !$0.value.string.contains(token.string) })
            #expect(upstream.only("x-user") == "alice")
        }
    }

    @Test("BEA-06 A token in the cookie is checked like any other, and taken out all the same")
    func refused() throws {
        let bench = Self.bench { $0.requiredScopes = ["read"] }
        let provider = bench.world.provider
        for (token, word, status) in [
            (provider.apiToken { $0["exp"] = 1_700_000_000 }, "token_expired", 401),
            (provider.apiToken { $0["aud"] = "other" }, "wrong_audience", 401),
            (provider.apiToken { $0["scope"] = "write" }, "insufficient_scope", 403),
            (provider.idToken(nonce: nil), "token_type_missing", 401),
            ("x", "token_malformed", 401), ("a.b.c", "token_malformed", 401),
            ("\"" + provider.apiToken() + "\"", "token_malformed", 401),
            ("Bearer " + provider.apiToken(), "token_malformed", 401),
        ] as [(ByteString, ByteString, Int)] {
            let request = Self.own("GET", token)
            let decision = try #require(bench.ask(request))
            #expect(decision.status == status)
            #expect(decision.reason.word == word)
            #expect(decision.header("WWW-Authenticate")?.hasPrefix("Bearer realm=") == true)
            #expect(decision.header("Cache-Control") == "no-store")
            #expect(decision.upstream(request).only("cookie") == "a=1; b=2")
            #expect(decision.upstream(request).only("authorization") == nil)
        }
    }

    @Test("BEA-03 COK-07 A token in two places, or twice in one, is no token: 400", arguments: [
        [("Authorization", "Bearer {}"), ("Cookie", "__Host-jwt={}")],
        [("Authorization", "bearer x"), ("Cookie", "__Host-jwt={}")],
        [("Authorization", "Bearer"), ("Cookie", "__Host-jwt={}")],
        [("Authorization", "Bearer {}"), ("Cookie", "__Host-jwt=x")],
        [("Authorization", ""), ("Cookie", "__Host-jwt={}")],
        [("Authorization", "Basic x"), ("Authorization", "Basic x"), ("Cookie", "__Host-jwt={}")],
        [("Cookie", "__Host-jwt={}; __Host-jwt={}")],
        [("Cookie", "__Host-jwt={}"), ("Cookie", "__Host-jwt=")],
        [("Cookie", "__Host-jwt={}; a=b; __Host-jwt=x"), ("Authorization", "Bearer {}")],
    ] as [[(ByteString, ByteString)]])
    func twice(headers: [(ByteString, ByteString)]) throws {
        let bench = Self.bench()
        let token = bench.world.provider.apiToken()
        // Known tokens must not slip by, either.
        #expect(bench.ask(Self.own("GET", token))?.outcome == .forward)
        #expect(bench.ask(.api(("Authorization", "Bearer " + token)))?.outcome == .forward)
        var request = TestRequest.api(("Sec-Fetch-Site", "same-origin"))
        for (name, value) in headers {
            let parts = value.string.split(separator: "{}", omittingEmptySubsequences: false)
            request = request.with(name, ByteString(parts.joined(separator: token.string)))
        }
        let decision = try #require(bench.ask(request))
        #expect(decision.status == 400)
        #expect(decision.reason == .credentialsRepeated)
        #expect(
            decision.header("WWW-Authenticate")
                == "Bearer realm=\"example\", error=\"invalid_request\"")
        let upstream = decision.upstream(request)
        #expect(upstream.allSatisfy { !$0.value.string.contains(token.string) })
    }

    @Test("BEA-01 BEA-03 A token in the query beside the cookie is refused")
    func query() throws {
        let bench = Self.bench()
        var request = Self.own("GET", bench.world.provider.apiToken())
        request.target = "/v1?access_token=x"
        #expect(bench.ask(request)?.reason == .credentialsRepeated)
    }

    @Test("BEA-05 BEA-14 Without the cookie, or with an empty one, there is no token")
    func missing() throws {
        let bench = Self.bench()
        for request in [
            TestRequest.api(), .api(("Cookie", "a=b")), .api(("Cookie", "__Host-jwt=")),
            .api(("Cookie", "__host-jwt=x; __Host-jwt2=x")), .api(("Authorization", "Basic x")),
        ] {
            let decision = try #require(bench.ask(request))
            #expect(decision.reason == .tokenMissing)
            #expect(decision.header("WWW-Authenticate") == "Bearer realm=\"example\"")
        }
        // A cookie that no policy names is the application's.
        let other = Bench(World())
        let request = Self.own("GET", other.world.provider.apiToken())
        #expect(other.ask(request)?.reason == .tokenMissing)
    }

    @Test(
        "BRW-01 BRW-04 BRW-06 What may change something needs a proof of same origin",
        arguments: SameOriginTests.unsafe)
    func unsafeMethods(test: SameOriginTests.Case) throws { try Self.check(test) }

    @Test(
        "BRW-03 Reads pass but for what another site loads behind the person's back",
        arguments: SameOriginTests.safe)
    func safeMethods(test: SameOriginTests.Case) throws { try Self.check(test) }

    private static func check(_ test: SameOriginTests.Case) throws {
        let bench = Self.bench()
        let token = bench.world.provider.apiToken()
        #expect(bench.ask(own("GET", token))?.outcome == .forward, "known")
        for token in [token, bench.world.provider.apiToken { $0["jti"] = "new" }] {
            var request = api(test.method, token)
            request.headers += test.headers
            let decision = try #require(bench.ask(request))
            #expect((decision.outcome == .forward) == test.isAdmitted)
            guard !test.isAdmitted else { continue }
            #expect(decision.status == 403)
            #expect(decision.reason == .crossSiteRequest)
            #expect(decision.header("WWW-Authenticate") == nil)
            #expect(decision.upstream(request).only("authorization") == nil)
            #expect(decision.upstream(request).only("cookie") == "a=1; b=2")
        }
        // No other site can make a browser send this.
        var header = TestRequest.api(("Authorization", "Bearer " + token))
        header.method = test.method
        header.headers += test.headers
        #expect(bench.ask(header)?.outcome == .forward)
    }

    @Test("BRW-03 A policy may admit cross-site reads, never cross-site writes")
    func crossSiteReads() throws {
        let bench = Self.bench { $0.allowsCrossSiteReads = true }
        let token = bench.world.provider.apiToken()
        let site = ("Sec-Fetch-Site" as ByteString, "cross-site" as ByteString)
        #expect(bench.ask(Self.api("GET", token).with(site.0, site.1))?.outcome == .forward)
        let write = Self.api("POST", token).with(site.0, site.1)
        #expect(bench.ask(write)?.reason == .crossSiteRequest)
    }

    @Test("BRW-01 The policy's own origin comes before that of the provider's sessions")
    func origin() throws {
        let bench = Self.bench { $0.origin = "https://shop.example" }
        let token = bench.world.provider.apiToken()
        func ask(_ origin: ByteString) -> Decision? {
            bench.ask(Self.api("POST", token).with("Origin", origin))
        }
        #expect(ask("https://shop.example")?.outcome == .forward)
        #expect(ask("https://app.example")?.reason == .crossSiteRequest)
        let nowhere = Bench(World()) {
            $0.policies["api"]?.tokenCookie = Self.name
            $0.providers["idp"]?.sessions = nil
            $0.policies["web"] = nil
        }
        let request = Self.own("POST", nowhere.world.provider.apiToken())
        #expect(nowhere.ask(request)?.reason == .crossSiteRequest, "nobody knows our origin")
    }

    @Test("LOG-12 A person who opens a page gets a page, a program gets JSON")
    func people() throws {
        let bench = Self.bench()
        let page = TestRequest.page("/v1").under("api")
        let decision = try #require(bench.ask(page))
        #expect(decision.status == 401)
        #expect(decision.header("WWW-Authenticate") == "Bearer realm=\"example\"")
        #expect(decision.header("Content-Type") == "text/html; charset=utf-8")
        let program = try #require(bench.ask(TestRequest.script("GET", "/v1").under("api")))
        #expect(program.header("Content-Type") == "application/problem+json")
        let refused = try #require(bench.ask(page.cookie("__Host-jwt=a.b.c")))
        #expect(!refused.body.string.contains("token_malformed"), "BEA-09")
        // Where only the header counts nobody opens pages.
        #expect(Bench(World()).ask(page)?.header("Content-Type") == "application/problem+json")
    }

    @Test("BEA-13 A preflight passes, and takes no token along")
    func preflight() throws {
        let bench = Self.bench()
        let token = bench.world.provider.apiToken()
        #expect(bench.ask(Self.own("GET", token))?.outcome == .forward)
        let request = Self.api("OPTIONS", token).with("Origin", "https://other.example")
            .with("Access-Control-Request-Method", "PUT")
        let decision = try #require(bench.ask(request))
        #expect(decision.reason == .preflight)
        #expect(decision.upstream(request).only("authorization") == nil)
        #expect(decision.upstream(request).only("cookie") == "a=1; b=2")
    }

    @Test("BEA-12 Keys that cannot be had: 503 with Retry-After, for people a page")
    func unavailable() throws {
        let world = World()
        world.provider.script = { _ in .refusedConnection }
        let bench = Bench(world) { $0.policies["api"]?.tokenCookie = Self.name }
        let page = TestRequest.page("/v1").under("api")
            .cookie("__Host-jwt=" + world.provider.apiToken())
        let decision = try #require(bench.ask(page))
        #expect(decision.status == 503)
        #expect(decision.header("Retry-After") == "2")
        #expect(decision.header("Content-Type") == "text/html; charset=utf-8")
    }

    @Test("COK-14 CLM-18 No request with the cookie is recalled: it has to be taken out")
    func recalled() throws {
        let sessionless = Bench(World()) {
            $0.policies = $0.policies.filter { $0.key == "api" }
            $0.policies["api"]?.tokenCookie = Self.name
            $0.policies["api"]?.origin = "https://app.example"
            $0.providers["idp"]?.sessions = nil
        }
        for bench in [Self.bench(), sessionless] {
            let token = bench.world.provider.apiToken()
            let header = TestRequest.api(("Authorization", "Bearer " + token))
            #expect(bench.ask(header)?.outcome == .forward)
            #expect(bench.recall(header) != nil)
            #expect(bench.ask(Self.own("GET", token))?.outcome == .forward)
            #expect(bench.recall(Self.own("GET", token)) == nil)
            #expect(bench.recall(header.cookie("__Host-jwt=" + token)) == nil)
            #expect(bench.recall(header.cookie("a=b")) == nil, "who knows what is in it")
            // The bench compares it with the full look.
            #expect(bench.ask(header)?.outcome == .forward)
            #expect(bench.recall(header) != nil)
        }
    }

    @Test("The explanation tells where the token stood, and what was wrong, never the token")
    func explained() throws {
        let bench = Self.bench()
        let token = bench.world.provider.apiToken()
        for (request, words) in [
            (Self.own("GET", token), "cookie __Host-jwt: one Bearer token of"),
            (Self.api("POST", token), "own field: not enough: refused 403 cross_site_request"),
            (Self.own("GET", token).cookie("__Host-jwt=x"), "cookie __Host-jwt: more than one"),
            (.api(), "cookie __Host-jwt: none"),
        ] as [(TestRequest, String)] {
            let decision = try #require(bench.ask(request))
            let text = bench.explain(request, decision).string
            #expect(text.contains(words), "\(text)")
            #expect(!text.contains(token.string))
            #expect(!text.contains("now it would be"), "\(text)")
        }
    }
}
