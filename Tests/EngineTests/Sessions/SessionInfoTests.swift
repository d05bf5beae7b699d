import Encodings
import Engine
import HTTPMessages
import Testing

@Suite struct SessionInfoTests {
    @Test("BRW-08 The session endpoint tells who is signed in, and for how long")
    func shown() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 10)
        let decision = try #require(bench.ask(browser.request(.script("GET", "/auth/session"))))
        #expect(decision.status == 200)
        #expect(decision.header("Content-Type") == "application/json")
        #expect(decision.header("Cache-Control") == "no-store")
        #expect(decision.header("X-Content-Type-Options") == "nosniff")
        let body = try #require(decision.json)
        #expect(body["authenticated"]?.bool == true)
        #expect(body["claims"]?.object == ["sub": "alice", "name": "Alice"])
        #expect(body["token"]?.object == ["generation": 1, "expires_in": 290])
        #expect(body["session"]?.object == ["idle_expires_in": 3_590, "expires_in": 35_990])
        let logout = try #require(body["logout"]?.object)
        #expect(logout["method"]?.string == "POST")
        #expect(logout["url"]?.string?.hasPrefix("/auth/logout?csrf=") == true)
    }

    @Test("BRW-08 IDT-13 REF-11 It never shows a token, the cookie, or a claim that is not listed")
    func nothingElse() throws {
        let world = World()
        world.provider.adjustIDToken = { $0["secret_claim"] = "canary" }
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        let decision = try #require(bench.ask(browser.request(.script("GET", "/auth/session"))))
        let text = decision.body.string
        for secret in [
            "access-1", "refresh-1", "canary", "eyJ", try #require(browser.session).string,
        ] { #expect(!text.contains(secret)) }
        #expect(decision.setCookies.isEmpty)
        #expect(decision.claims == nil)
    }

    @Test("Asking extends nothing, refreshes nothing and writes nothing")
    func doesNotExtend() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 1_000)
        let before = bench.commands.count
        for _ in 0..<20 {
            bench.world.pass(seconds: 100)
            let decision = try #require(
                bench.ask(browser.request(.script("GET", "/auth/session"))))
            #expect(decision.json?["authenticated"]?.bool == true)
            #expect(decision.json?["token"]?.object?["expires_in"]?.integer == 0)
        }
        #expect(bench.count("/token") == 1)
        for command in bench.commands.dropFirst(before) {
            switch command {
            case .read, .sweep: break
            default: Issue.record("a write: \(command)")
            }
        }
        bench.world.pass(seconds: 601)
        let over = try #require(bench.ask(browser.request(.script("GET", "/auth/session"))))
        #expect(over.json?["authenticated"]?.bool == false)
    }

    @Test("Nobody is told where the login is; a dead cookie is cleared")
    func nobody() throws {
        let bench = Bench(World())
        let none = try #require(bench.ask(.script("GET", "/auth/session")))
        #expect(none.status == 200)
        #expect(none.json == ["authenticated": false, "login": "/auth/login"])
        #expect(none.setCookies.isEmpty)
        let dead = try #require(
            bench.ask(TestRequest.script("GET", "/auth/session").cookie("__Host-cloakroom=x")))
        #expect(dead.json?["authenticated"]?.bool == false)
        #expect(dead.setCookies.count == 1)
        let tossed = try #require(
            bench.ask(
                TestRequest.script("GET", "/auth/session").cookie(
                    "__Host-cloakroom=x; __Host-cloakroom=y")))
        #expect(tossed.reason == .sessionCookieRepeated)
    }

    @Test("BRW-03 Another site learns nothing from it", arguments: [false, true])
    func crossSite(policyAdmitsReads: Bool) throws {
        let bench = Bench(World()) {
            $0.policies["web"]?.allowsCrossSiteReads = policyAdmitsReads
        }
        let browser = try Browser.signedIn(bench)
        let request = TestRequest.plain(
            "GET", "/auth/session", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "cors"))
        let decision = try #require(bench.ask(browser.request(request)))
        #expect(decision.status == 403)
        #expect(!decision.body.string.contains("alice"))
    }

    @Test("A store that is down is no end of the session")
    func storeDown() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.storeFailure = { _ in .down }
        let decision = try #require(bench.ask(browser.request(.script("GET", "/auth/session"))))
        #expect(decision.status == 503)
        #expect(decision.setCookies.isEmpty)
    }
}
