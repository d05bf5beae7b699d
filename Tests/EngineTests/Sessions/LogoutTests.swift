import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing

@Suite struct LogoutTests {
    static func logout(
        _ headers: (ByteString, ByteString)..., query: ByteString = ""
    ) -> TestRequest {
        TestRequest(method: "POST", target: "/auth/logout" + query, headers: headers)
    }
    static let sameOrigin: (ByteString, ByteString) = ("Sec-Fetch-Site", "same-origin")

    static func csrf(_ browser: Browser, _ bench: Bench) throws -> ByteString {
        let info = bench.ask(browser.request(.script("GET", "/auth/session")))
        let url = try #require(info?.json?["logout"]?.object?["url"]?.string)
        return try #require(url.dropping(prefix: "/auth/logout"))
    }

    @Test("OUT-01 OUT-02 BRW-10 REV-01 A logout ends the session, revokes and goes on")
    func logsOut() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let dead = browser
        let decision = try browser.ask(Self.logout(Self.sameOrigin), bench)
        #expect(decision.status == 303)
        #expect(decision.reason == .loggedOut)
        #expect(decision.sessionState == .ended)
        #expect(browser.session == nil)
        let url = try #require(decision.header("Location").flatMap { URLReference($0) })
        #expect(url.origin + url.path == "https://idp.example/end")
        let parameters = Parameters(url.query ?? "")
        #expect(parameters["client_id"] == "app")
        #expect(parameters["post_logout_redirect_uri"] == "https://app.example/")
        #expect(parameters["id_token_hint"] != nil)
        let form = try #require(bench.forms("/revoke").first)
        #expect(bench.count("/revoke") == 1)
        #expect(form["token"] == "refresh-1")
        #expect(form["token_type_hint"] == "refresh_token")
        #expect(bench.world.store.table.count == 0)
        #expect(bench.ask(dead.request(.script("GET", "/")))?.reason == .sessionUnknown)
    }

    @Test("COK-12 The cookie is deleted with the attributes it was set with, attempts, too")
    func cookies() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        _ = try browser.beginLogin(bench)
        let decision = try browser.ask(Self.logout(Self.sameOrigin), bench)
        let deletion: ByteString =
            "__Host-cloakroom=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0; "
            + "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        #expect(decision.setCookies.first == deletion)
        #expect(decision.setCookies.count == 2)
        #expect(browser.jar.isEmpty)
    }

    @Test("REV-01 The newest refresh token is revoked")
    func newestToken() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 301)
        _ = bench.ask(browser.request(.script("GET", "/")))
        _ = try browser.ask(Self.logout(Self.sameOrigin), bench)
        #expect(bench.forms("/revoke").map { $0["token"] } == ["refresh-2"])
    }

    @Test(
        "BRW-05 Only a POST logs out",
        arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"] as [ByteString])
    func methods(method: ByteString) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        var request = Self.logout(Self.sameOrigin, query: try Self.csrf(browser, bench))
        request.method = method
        let decision = try #require(bench.ask(browser.request(request)))
        #expect(decision.status == 405)
        #expect(decision.header("Allow") == "POST")
        #expect(decision.setCookies.isEmpty)
        #expect(bench.world.store.table.count == 1)
    }

    static let strangers: [[(ByteString, ByteString)]] = [
        [("Sec-Fetch-Site", "cross-site")], [("Sec-Fetch-Site", "same-site")],
        [("Origin", "https://evil.example")], [("Origin", "null")], [],
        [("X-Requested-With", "")],
    ]

    @Test(
        "BRW-01 BRW-05 A logout from elsewhere, or from nowhere, is refused",
        arguments: strangers)
    func foreign(headers: [(ByteString, ByteString)]) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = TestRequest(method: "POST", target: "/auth/logout", headers: headers)
        let decision = try #require(bench.ask(browser.request(request)))
        #expect(decision.status == 403)
        #expect(decision.setCookies.isEmpty)
        #expect(bench.world.store.table.count == 1)
    }

    @Test("BRW-05 The CSRF value is a proof where the browser sends none; a wrong one never is")
    func csrfValue() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let right = try Self.csrf(browser, bench)
        let other = try Self.csrf(try Browser.signedIn(bench), bench)
        func status(_ request: TestRequest) -> Int? { bench.ask(browser.request(request))?.status }
        #expect(status(Self.logout(query: other)) == 403)
        #expect(status(Self.logout(query: "?csrf=")) == 403)
        #expect(status(Self.logout(query: right + "&csrf=x")) == 403)
        #expect(status(Self.logout(Self.sameOrigin, query: other)) == 403)
        #expect(status(Self.logout(("Sec-Fetch-Site", "cross-site"), query: right)) == 403)
        #expect(status(Self.logout(("Origin", "https://evil.example"), query: right)) == 403)
        #expect(bench.world.store.table.count == 2)
        #expect(try browser.ask(Self.logout(query: right), bench).reason == .loggedOut)
        #expect(bench.world.store.table.count == 1)
    }

    @Test("A logout whose session is gone already leads home, with a stale CSRF value, too")
    func alreadyGone() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let csrf = try Self.csrf(browser, bench)
        let stale = browser
        _ = try browser.ask(Self.logout(Self.sameOrigin), bench)
        for request in [
            browser.request(Self.logout(Self.sameOrigin, query: csrf)),
            stale.request(Self.logout(Self.sameOrigin, query: csrf)),
            browser.request(Self.logout(Self.sameOrigin)),
        ] {
            let decision = try #require(bench.ask(request))
            #expect(decision.status == 303)
            #expect(decision.header("Location") == "/")
        }
        #expect(bench.ask(Self.logout(query: csrf))?.status == 403)
    }

    @Test("OUT-01 A provider that is down keeps nobody signed in")
    func providerDown() throws {
        let world = World()
        let browser = try Browser.signedIn(Bench(world))
        world.provider.script = { _ in .refusedConnection }
        world.isForgetful = true
        let second = Bench(world, owner: 2)
        let decision = try #require(second.ask(browser.request(Self.logout(Self.sameOrigin))))
        #expect(decision.reason == .loggedOut)
        #expect(decision.header("Location") == "/")
        #expect(world.store.table.count == 0)
    }

    @Test("REV-02 A revocation that fails is tried again, three times in all", arguments: [
        (503, 3), (500, 3), (200, 1), (400, 1),
    ])
    func revocationRetried(status: Int, count: Int) throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        bench.world.provider.script = {
            $0.url.hasSuffix("/revoke") ? .text("", status: status) : nil
        }
        #expect(try browser.ask(Self.logout(Self.sameOrigin), bench).reason == .loggedOut)
        bench.world.pass(seconds: 60)
        #expect(bench.count("/revoke") == count)
    }

    @Test("A store that cannot say whether it is done gives 503, and the cookie stays")
    func storeDown() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        bench.storeFailure = { _ in .down }
        let decision = try browser.ask(Self.logout(Self.sameOrigin), bench)
        #expect(decision.status == 503)
        #expect(browser.session != nil)
        bench.storeFailure = { _ in nil }
        #expect(try browser.ask(Self.logout(Self.sameOrigin), bench).reason == .loggedOut)
    }

    @Test("OUT-02 Where a logout leads is not the request's to say")
    func target() throws {
        let bench = Bench(World()) { $0.sessions { $0.landing = "/bye" } }
        var browser = try Browser.signedIn(bench)
        let decision = try browser.ask(
            Self.logout(
                Self.sameOrigin, query: "?post_logout_redirect_uri=https://evil&return_to=//evil"),
            bench)
        let location = try #require(decision.header("Location"))
        #expect(!location.string.contains("evil"))
        #expect(
            Parameters(URLReference(location)?.query ?? "")["post_logout_redirect_uri"]
                == "https://app.example/bye")
    }

    @Test("A logout counts at once in every worker, whatever that remembers")
    func everywhere() throws {
        let world = World()
        let workers = [Bench(world), Bench(world, owner: 2), Bench(world, owner: 3)]
        var browser = try Browser.signedIn(workers[0])
        let stale = browser
        for worker in workers {
            #expect(worker.ask(stale.request(.script("GET", "/")))?.outcome == .forward)
        }
        _ = try browser.ask(Self.logout(Self.sameOrigin), workers[1])
        for worker in workers {
            #expect(worker.ask(stale.request(.script("GET", "/")))?.reason == .sessionUnknown)
            let info = worker.ask(stale.request(.script("GET", "/auth/session")))
            #expect(info?.json?["authenticated"]?.bool == false)
        }
    }

    @Test(
        "A request that comes after a logout does not profit from a reading that began before it",
        arguments: [
        "/api", "/auth/session",
    ] as [ByteString])
    func readingUnderWay(target: ByteString) throws {
        let world = World()
        let (reading, other) = (Bench(world), Bench(world, owner: 2))
        var browser = try Browser.signedIn(other)
        let stale = browser
        // The first worker has read the row; its answer is still under way.
        reading.holdsCommand = { if case .read = $0 { true } else { false } }
        let before = reading.start(stale.request(.script("GET", target)))
        _ = try browser.ask(Self.logout(Self.sameOrigin), other)
        reading.holdsCommand = { _ in false }
        let after = reading.start(stale.request(.script("GET", target)))
        reading.release()
        #expect(reading.decisions[before] != nil)
        let decision = try #require(reading.decisions[after])
        #expect(decision.outcome != .forward)
        #expect(decision.reason == .sessionUnknown)
    }

    @Test("HYG-05 OUT-04 No log line of a logout shows a token or a cookie")
    func canary() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let cookie = try #require(browser.session).string
        bench.world.provider.script = { $0.url.hasSuffix("/revoke") ? .timeout : nil }
        _ = try browser.ask(Self.logout(Self.sameOrigin), bench)
        bench.world.pass(seconds: 60)
        #expect(bench.hasLogged("could not be revoked", .warning))
        for line in bench.log {
            #expect(!line.text.string.contains(cookie))
            #expect(!line.text.string.contains("refresh-1") && !line.text.string.contains("eyJ"))
        }
    }
}
