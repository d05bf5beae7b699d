import Encodings
import Engine
import HTTPMessages
import Testing

@Suite struct SessionCookieTests {
    @Test("COK-07 The session cookie twice is no session, and is cleared", arguments: [
        "; ", "split",
    ] as [ByteString])
    func tossing(joint: ByteString) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let good = "__Host-cloakroom=" + (try #require(browser.session))
        let base = TestRequest.script("GET", "/api")
        let both: [ByteString] = [good, "__Host-cloakroom=planted"]
        for pair in [both, both.reversed(), [good, good]] {
            let request =
                joint == "split"
                ? base.cookie(pair[0]).cookie(pair[1]) : base.cookie(pair[0] + joint + pair[1])
            let decision = try #require(bench.ask(request))
            #expect(decision.status == 401)
            #expect(decision.reason == .sessionCookieRepeated)
            #expect(decision.setCookies.count == 1)
            #expect(try #require(decision.setCookies.first).hasPrefix("__Host-cloakroom=; "))
        }
        // The session itself lives on.
        #expect(bench.ask(base.cookie(good))?.outcome == .forward)
    }

    @Test("COK-08 Only the exact name counts", arguments: [
        "__host-cloakroom=", "__HOST-CLOAKROOM=", "__Host-Cloakroom=", "_Host-cloakroom=",
        "__Host-cloakroom =", "__Host-cloakroom-login-x=", "__Host-cloakroomx=",
        "x__Host-cloakroom=", "__Host%2Dcloakroom=", "__Host_cloakroom=", "cloakroom=",
        "\"__Host-cloakroom\"=", "__Secure-cloakroom=", "=__Host-cloakroom=",
    ] as [ByteString])
    func lookalikes(name: ByteString) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let value = try #require(browser.session)
        let decision = try #require(
            bench.ask(TestRequest.script("GET", "/").cookie(name + value)))
        #expect(decision.status == 401)
        #expect(decision.reason == .sessionMissing)
    }

    @Test("COK-08 Only the exact value counts: nothing is decoded, unquoted or trimmed inside")
    func values() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let value = try #require(browser.session)
        let variants: [ByteString] = [
            "\"" + value + "\"", value + "=", value + "A", ByteString(value.bytes.dropLast()),
            value + "%20", "%" + value, value + ",", "", value + "." + value,
        ]
        for variant in variants {
            let decision = try #require(
                bench.ask(TestRequest.script("GET", "/").cookie("__Host-cloakroom=" + variant)))
            #expect(decision.status == 401, "\(variant)")
            #expect(decision.reason == .sessionUnknown)
        }
    }

    @Test("COK-06 The session cookie is found in a second Cookie line")
    func secondLine() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = TestRequest.script("GET", "/").cookie("a=1").cookie(browser.cookieLine)
        #expect(bench.ask(request)?.outcome == .forward)
    }

    @Test("COK-10 An unknown or malformed cookie writes nothing to the store and is cleared")
    func unknown() throws {
        let bench = Bench(World())
        for value in ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"] as [ByteString] {
            let decision = try #require(
                bench.ask(TestRequest.script("GET", "/").cookie("__Host-cloakroom=" + value)))
            #expect(decision.reason == .sessionUnknown)
            #expect(decision.sessionState == .ended)
            #expect(
                decision.setCookies == [
                    "__Host-cloakroom=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0; "
                        + "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
                ])
        }
        #expect(bench.commands.count == 1)
        guard case .read = bench.commands[0] else {
            Issue.record("something else than a read")
            return
        }
    }

    @Test("COK-11 A session ends with its idle time, and with its absolute time")
    func timeouts() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        bench.world.provider.tokenLife = 100_000
        bench.world.pass(seconds: 3_601)
        let idle = try browser.ask(.script("GET", "/"), bench)
        #expect(idle.reason == .sessionUnknown)
        #expect(browser.session == nil)

        var second = Browser()
        _ = try second.signIn(bench)
        for _ in 0..<12 {
            bench.world.pass(seconds: 2_999)
            #expect(bench.ask(second.request(.script("GET", "/")))?.outcome == .forward)
        }
        bench.world.pass(seconds: 13)
        #expect(bench.ask(second.request(.script("GET", "/")))?.reason == .sessionUnknown)
    }

    @Test("COK-11 The idle time ends a session within what a worker remembers, too")
    func idleInMemory() throws {
        let bench = Bench(World()) { $0.sessions { $0.idleTimeout = 30 } }
        let browser = try Browser.signedIn(bench)
        #expect(bench.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
        bench.world.pass(seconds: 31)
        #expect(bench.ask(browser.request(.script("GET", "/")))?.reason == .sessionUnknown)
    }

    @Test("COK-11 A worker's memory of the idle time ends no session that another keeps alive")
    func idleTimeOfTwoWorkers() throws {
        let world = World()
        let (first, second) = (Bench(world), Bench(world, owner: 2))
        world.provider.tokenLife = 100_000
        let browser = try Browser.signedIn(first)
        world.pass(seconds: 3_580)
        // The second worker learns of it without extending it; the first one extends it.
        _ = second.ask(browser.request(.script("GET", "/auth/session")))
        #expect(first.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
        world.pass(seconds: 30)
        let info = try #require(second.ask(browser.request(.script("GET", "/auth/session"))))
        #expect(info.json?["authenticated"]?.bool == true)
        #expect(second.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
    }

    @Test("COK-16 A session of another client or issuer is none", arguments: [true, false])
    func otherClient(changesClient: Bool) throws {
        let world = World()
        let browser = try Browser.signedIn(Bench(world))
        let other = Bench(world, owner: 2, begins: false) { configuration in
            if changesClient {
                configuration.providers["idp"]?.client?.credentials.clientID = "other"
            } else {
                configuration.providers["idp"]?.issuer = "https://other.example"
            }
        }
        #expect(other.ask(browser.request(.script("GET", "/")))?.reason == .sessionUnknown)
    }

    @Test("COK-13 A login cookie is no session cookie, nor the other way round")
    func purposes() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        let attempt = try #require(browser.attempts.first)
        let request = TestRequest.script("GET", "/").cookie("__Host-cloakroom=" + attempt.value)
        #expect(bench.ask(request)?.reason == .sessionUnknown)
        let second = try Browser.signedIn(bench)
        browser.set(attempt.name, try #require(second.session))
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.reason == .loginAttemptMissing)
    }
}
