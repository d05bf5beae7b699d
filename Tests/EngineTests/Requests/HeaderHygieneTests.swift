import Encodings
import Engine
import HTTPMessages
import Testing

/// What a client sends never reaches the upstream of a guarded route in our name, whatever the
/// decision: a host may forward in spite of a refusal.
@Suite struct HeaderHygieneTests {
    static func forged(_ request: TestRequest) -> TestRequest {
        request.with("Authorization", "Bearer forged").with("X-User", "admin")
            .with("x_user", "admin").with("X_NAME", "admin").with("X-Other", "kept")
    }

    static func check(_ decision: Decision, _ request: TestRequest) {
        #expect(decision.guardedCookies == GuardedCookies(sessionName: "__Host-cloakroom"))
        let upstream = decision.upstream(request)
        #expect(upstream.allSatisfy { !$0.value.string.contains("forged") })
        #expect(upstream.allSatisfy { !$0.value.string.contains("admin") })
        #expect(upstream.only("x-other") == "kept")
        for cookies in upstream where cookies.name.lowercased == "cookie" {
            #expect(!cookies.value.string.contains("__Host-cloakroom"))
        }
    }

    @Test("UPS-01 UPS-02 UPS-06 A forwarded request has our token and claims, not the client's")
    func forwarded() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = Self.forged(browser.request(.page("/api/x")))
        let decision = try #require(bench.ask(request))
        #expect(decision.outcome == .forward)
        Self.check(decision, request)
        let upstream = decision.upstream(request)
        #expect(upstream.only("authorization") == "Bearer access-1")
        #expect(upstream.only("x-user") == "alice")
        #expect(upstream.only("x-name") == "Alice")
    }

    @Test("UPS-01 A claim header whose claim is missing is removed all the same")
    func missingClaim() throws {
        let world = World()
        world.provider.adjustIDToken = { $0["name"] = nil }
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.page("/")).with("X-Name", "admin")
        let decision = try #require(bench.ask(request))
        #expect(decision.upstream(request).only("x-user") == "alice")
        #expect(decision.upstream(request).only("x-name") == nil)
    }

    static let refused: [(String, TestRequest, Int)] = [
        ("no session", .script("GET", "/api"), 401),
        ("no session, a page", .page("/"), 303),
        (
            "unknown session",
            TestRequest.script("GET", "/api").cookie(
                "__Host-cloakroom=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 401
        ),
        ("malformed cookie", TestRequest.script("GET", "/").cookie("__Host-cloakroom=x"), 401),
        (
            "twice the cookie",
            TestRequest.script("GET", "/").cookie("__Host-cloakroom=x; __Host-cloakroom=y"), 401
        ),
        (
            "preflight",
            TestRequest.plain(
                "OPTIONS", "/api", ("Origin", "https://evil.example"),
                ("Access-Control-Request-Method", "PUT")), 204
        ),
        (
            "cross-site",
            TestRequest.plain("POST", "/api", ("Sec-Fetch-Site", "cross-site")).cookie(
                "__Host-cloakroom=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 403
        ),
        ("an endpoint", .script("GET", "/auth/session"), 200),
        ("no endpoint", .script("GET", "/auth/other"), 404),
        ("a wrong method", .script("DELETE", "/auth/login"), 405),
        ("a login", .page("/auth/login"), 303),
        ("a callback", .page("/auth/callback?code=x"), 400),
        ("a logout", .script("POST", "/auth/logout"), 303),
    ]

    @Test(
        "UPS-01 COK-14 The hygiene stands beside every answer of a session route",
        arguments: refused)
    func answered(name: String, request: TestRequest, status: Int) throws {
        let bench = Bench(World())
        let request = Self.forged(request)
        let decision = try #require(bench.ask(request))
        #expect(decision.status == status)
        Self.check(decision, request)
    }

    @Test("UPS-01 The hygiene stands beside a 503, too")
    func unavailable() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 61)
        bench.storeFailure = { _ in .down }
        let request = Self.forged(browser.request(.script("GET", "/api")))
        let decision = try #require(bench.ask(request))
        #expect(decision.status == 503)
        #expect(decision.reason == .storeUnavailable)
        #expect(decision.header("Retry-After") != nil)
        Self.check(decision, request)
    }

    @Test("COK-14 Our cookies are removed from all Cookie lines, the others stay as they were")
    func cookies() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        _ = try browser.beginLogin(bench)
        let request = TestRequest.page("/").cookie("a=1; " + browser.cookieLine + "; b=\"2 3\"")
            .cookie("c==; d")
        let decision = try #require(bench.ask(request))
        #expect(decision.outcome == .forward)
        #expect(decision.upstream(request).only("cookie") == "a=1; b=\"2 3\"; c==; d")
    }

    @Test("COK-14 A Cookie line with nothing but ours goes altogether")
    func onlyOurs() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.page("/"))
        let decision = try #require(bench.ask(request))
        #expect(decision.upstream(request).only("cookie") == nil)
        #expect(decision.upstreamEdits.contains(HeaderEdit("Cookie", nil)))
    }

    @Test("UPS-10 What no request can have never goes on from us, whatever the host lets in", arguments: [
        "a=1\r\nX-User: admin", "a=1\nX-User: admin", "a\r=1", "a=\u{0}admin",
    ] as [ByteString])
    func impossible(cookie: ByteString) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let plain = browser.request(.script("GET", "/"))
        #expect(bench.ask(plain)?.outcome == .forward)
        let request = TestRequest.script("GET", "/")
            .cookie("b=2; " + cookie + "; " + browser.cookieLine)
            .with("", "admin").with("Authorization ", "Bearer admin").with(" X-User", "admin")
        #expect(bench.recall(request) == nil)
        let decision = try #require(bench.ask(request))
        #expect(decision.outcome == .forward)
        #expect(decision.upstreamEdits.first { $0.name == "Cookie" }?.value == "b=2")
        for edit in decision.upstreamEdits {
            #expect(!(edit.value?.string.contains("admin") ?? false))
        }
        // Nor are such names ours.
        let odd = TestRequest.api(
            ("Authorization ", "Bearer " + bench.world.provider.apiToken()), ("", "x"),
            (" Authorization", "Bearer x"), ("Authorization:", "Bearer x"))
        #expect(bench.ask(odd)?.reason == .tokenMissing)
        let broken = TestRequest.api(
            ("Authorization", "Bearer " + bench.world.provider.apiToken() + "\r\nX: y"))
        #expect(bench.ask(broken)?.status == 400)
    }

    @Test("UPS-07 Where the policy forwards no token, the client's is gone and ours does not come")
    func noToken() throws {
        let bench = Bench(World()) { $0.policies["web"]?.forwardsToken = false }
        let browser = try Browser.signedIn(bench)
        let request = Self.forged(browser.request(.page("/")))
        let decision = try #require(bench.ask(request))
        #expect(decision.outcome == .forward)
        #expect(decision.upstream(request).only("authorization") == nil)
        Self.check(decision, request)
    }

    @Test("UPS-06 A bearer route passes the checked Authorization on, and no other")
    func bearer() throws {
        let bench = Bench(World())
        let good = "Bearer " + bench.world.provider.apiToken()
        let request = TestRequest.api(("Authorization", good), ("X-User", "admin"))
            .cookie("__Host-cloakroom=x; a=1")
        let decision = try #require(bench.ask(request))
        #expect(decision.outcome == .forward)
        let upstream = decision.upstream(request)
        #expect(upstream.only("authorization") == good)
        #expect(upstream.only("x-user") == "alice")
        #expect(upstream.only("cookie") == "a=1")
    }

    @Test(
        "UPS-01 A bearer route's refusals and preflights pass no unchecked Authorization on",
        arguments: [
        TestRequest.api(("Authorization", "Bearer forged")),
        TestRequest.api(("Authorization", "Basic forged")),
        TestRequest.api(("Authorization", "Bearer forged"), ("Authorization", "Bearer forged")),
        TestRequest(
            method: "OPTIONS", target: "/v1", policy: "api",
            headers: [
                ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET"),
                ("Authorization", "Bearer forged"),
            ]),
    ])
    func bearerRefused(request: TestRequest) throws {
        let bench = Bench(World())
        let request = request.with("X-User", "admin").with("X-Other", "kept")
        let decision = try #require(bench.ask(request))
        Self.check(decision, request)
    }

    @Test("BRW-12 A page of one session is kept out of shared caches")
    func caches() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let decision = try #require(bench.ask(browser.request(.page("/"))))
        #expect(decision.header("Cache-Control") == "private")
        #expect(decision.header("Vary") == "Cookie")
    }

    @Test("COK-15 Sessions and bearer routes guard our cookie names against their upstream")
    func guarded() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let page = try #require(bench.ask(browser.request(.page("/"))))
        #expect(page.guardedCookies == GuardedCookies(sessionName: "__Host-cloakroom"))
        let api = try #require(
            bench.ask(.api(("Authorization", "Bearer " + bench.world.provider.apiToken()))))
        #expect(api.guardedCookies == GuardedCookies(sessionName: "__Host-cloakroom"))
    }

    @Test("HYG-07 An unknown policy lets nothing through")
    func unknownPolicy() throws {
        let bench = Bench(World())
        let decision = try #require(bench.ask(TestRequest.page("/").under("nowhere")))
        #expect(decision.status == 503)
        #expect(decision.reason == .policyUnknown)
    }

    @Test("A policy of endpoints leaves other paths alone and answers its own")
    func endpointsOnly() throws {
        let bench = Bench(World())
        #expect(bench.ask(TestRequest.page("/x").under("open"))?.outcome == .forward)
        #expect(bench.ask(TestRequest.page("/auth/login").under("open"))?.status == 303)
        let table = EndpointTable(bench.core.configuration)
        func answers(_ policy: ByteString, _ target: ByteString) -> Bool {
            table.answers(policy: policy.span, target: target.span)
        }
        #expect(answers("open", "/auth/session?x"))
        #expect(!answers("open", "/authx"))
        #expect(!answers("api", "/auth/login"))
    }

    @Test("UPS-09 The host is told to hand over exactly what the engine answers", arguments: [
        "/auth", "/auth/", "/auth?x", "/auth/login", "/auth/login?x", "/auth/login/x", "/auth/x",
        "/auth//login", "/auth/../x", "/authx", "/auth-x/logout", "/auth%2Flogin", "/auth#x",
        "/AUTH/login", "/aut", "//auth/login", "/x/auth/login", "/x?/auth/login", "", "auth/login",
    ] as [ByteString])
    func handedOver(target: ByteString) throws {
        let bench = Bench(World())
        let table = EndpointTable(bench.core.configuration)
        let isOurs = table.answers(policy: ("open" as ByteString).span, target: target.span)
        let decision = try #require(bench.ask(TestRequest.page(target).under("open")))
        #expect((decision.reason != .notGuarded) == isOurs)
    }
}
