import Encodings
import Engine
import HTTPMessages
import OAuth
import Sessions
import Testing

/// When a token is renewed, who waits for it, and what is stored before it is used.
@Suite struct RefreshTests {
    static let request = TestRequest.script("GET", "/api")

    static func ask(_ browser: Browser, _ bench: Bench) throws -> Decision {
        try #require(bench.ask(browser.request(request)))
    }
    static func token(_ decision: Decision) -> ByteString? {
        decision.upstreamEdits.first { $0.name == "Authorization" }?.value
    }

    /// A session whose access token has just expired.
    static func expired(_ bench: Bench) throws -> Browser {
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 301)
        return browser
    }

    // MARK: When

    @Test("REF-09 A token that is not due is not renewed")
    func notDue() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 239)
        let decision = try Self.ask(browser, bench)
        #expect(decision.sessionState == .active)
        #expect(bench.count("/token") == 1)
    }

    @Test("REF-09 A token that is due serves on while it is renewed behind the request")
    func early() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 275)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        for _ in 0..<5 {
            let decision = try Self.ask(browser, bench)
            #expect(decision.outcome == .forward)
            #expect(decision.sessionState == .refreshing)
            #expect(Self.token(decision) == "Bearer access-1")
        }
        #expect(bench.count("/token") == 2)
        bench.world.provider.script = { _ in nil }
        bench.release()
        let decision = try Self.ask(browser, bench)
        #expect(decision.sessionState == .active)
        #expect(Self.token(decision) == "Bearer access-2")
        #expect(bench.forms("/token").last?["refresh_token"] == "refresh-1")
        #expect(bench.forms("/token").last?["grant_type"] == "refresh_token")
        #expect(bench.forms("/token").last?.lookup("scope") == .absent)
    }

    @Test("REF-09 Sessions of equal expiry are renewed at times that spread out")
    func spread() throws {
        let bench = Bench(World())
        var starts: Set<Int64> = []
        for _ in 0..<40 {
            let browser = try Browser.signedIn(bench)
            let key = try #require(browser.rowKey)
            _ = try Self.ask(browser, bench)
            var tables = bench.core.tables
            let session = try #require(tables.sessions[key])
            let ahead = session.accessExpiry - session.refreshFrom
            #expect((30...60).contains(ahead))
            starts.insert(ahead)
        }
        #expect(starts.count > 10)
    }

    @Test("A token that lives shorter than the window is renewed in its last third")
    func shortLife() throws {
        let world = World()
        world.provider.tokenLife = 15
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        for _ in 0..<30 {
            world.pass(seconds: 1)
            #expect(try Self.ask(browser, bench).outcome == .forward)
        }
        #expect((3...5).contains(bench.count("/token")))
    }

    @Test("REF-03 An expired token makes requests wait for one refresh, and all get the new token")
    func expiredWaits() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let ids = (0..<50).map { _ in bench.start(browser.request(Self.request)) }
        #expect(ids.allSatisfy { bench.decisions[$0] == nil })
        bench.world.provider.script = { _ in nil }
        bench.release()
        for id in ids {
            let decision = try #require(bench.decisions[id])
            #expect(Self.token(decision) == "Bearer access-2")
            #expect(decision.sessionState == .active)
        }
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-03 Two workers make one refresh; the second uses the first one's tokens")
    func twoWorkers() throws {
        let world = World()
        let (first, second) = (Bench(world), Bench(world, owner: 2))
        let browser = try Browser.signedIn(first)
        world.pass(seconds: 301)
        world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let ids = [first.start(browser.request(Self.request))]
        let others = (0..<5).map { _ in second.start(browser.request(Self.request)) }
        world.pass(seconds: 2)
        world.provider.script = { _ in nil }
        first.release()
        world.pass(seconds: 1)
        for decision in ids.map({ first.decisions[$0] }) + others.map({ second.decisions[$0] }) {
            #expect(Self.token(try #require(decision)) == "Bearer access-2")
        }
        #expect(first.count("/token") == 2)
        #expect(second.count("/token") == 0)
    }

    @Test("LIM-17 A request waits five seconds, then gets 503; the exchange runs on and is kept")
    func patience() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let id = bench.start(browser.request(Self.request))
        bench.world.pass(milliseconds: 4_999)
        #expect(bench.decisions[id] == nil)
        bench.world.pass(milliseconds: 1)
        let decision = try #require(bench.decisions[id])
        #expect(decision.status == 503)
        #expect(decision.reason == .refreshPending)
        #expect(decision.header("Retry-After") == "2")
        #expect(decision.setCookies.isEmpty)
        bench.world.pass(seconds: 30)
        #expect(bench.core.awaitsTokenAnswers)
        bench.world.provider.script = { _ in nil }
        bench.release()
        #expect(!bench.core.awaitsTokenAnswers)
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
    }

    @Test("A browser that hangs up cancels nothing")
    func hangsUp() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let id = bench.start(browser.request(Self.request))
        bench.cancel(id)
        bench.world.provider.script = { _ in nil }
        bench.release()
        #expect(bench.decisions[id] == nil)
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-09 An idle session past its time is not refreshed")
    func idle() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.pass(seconds: 3_600)
        #expect(try Self.ask(browser, bench).reason == .sessionUnknown)
        #expect(bench.count("/token") == 1)
    }

    @Test("REF-02 Without a new refresh token in the answer the old one stays")
    func keepsOld() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.world.provider.adjustTokens = { $0["refresh_token"] = nil }
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-2")
        bench.world.pass(seconds: 301)
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-3")
        #expect(
            bench.forms("/token").compactMap { $0["refresh_token"] } == ["refresh-1", "refresh-1"])
    }

    @Test("A session without a refresh token serves until its token expires, then needs a sign-in")
    func noRefreshToken() throws {
        let world = World()
        world.provider.adjustTokens = { $0["refresh_token"] = nil }
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        world.pass(seconds: 299)
        #expect(try Self.ask(browser, bench).sessionState == .active)
        world.pass(seconds: 1)
        let decision = try Self.ask(browser, bench)
        #expect(decision.status == 401)
        #expect(decision.reason == .refreshImpossible)
        #expect(bench.count("/token") == 1)
    }

    @Test("After a stop no refresh is begun; an expired token gives 503, not a sign-in")
    func stopped() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.stop()
        #expect(try Self.ask(browser, bench).status == 503)
        #expect(bench.count("/token") == 1)
    }

    // MARK: Persist before use

    @Test(
        "REF-04 The lease stands before the provider is asked, the tokens before anyone uses them"
    )
    func order() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        let store = bench.world.store
        let key = try #require(browser.rowKey)
        bench.world.provider.script = { request in
            guard request.url.hasSuffix("/token") else { return nil }
            // Another owner finds the lease taken.
            let reply = try? store.perform(
                .beginRefresh(
                    key, generation: 1, owner: 99, leaseMilliseconds: 1, presentations: 2, now: 0))
            guard case .leased = reply else {
                Issue.record("the provider is asked without a lease: \(String(describing: reply))")
                return nil
            }
            return nil
        }
        bench.storeFailure = { if case .commitRefresh = $0 { .down } else { nil } }
        let id = bench.start(browser.request(Self.request))
        bench.world.pass(seconds: 3)
        #expect(bench.decisions[id] == nil)
        #expect(bench.hasLogged("cannot be stored", .error))
        #expect(bench.core.awaitsTokenAnswers)
        bench.storeFailure = { _ in nil }
        bench.world.pass(seconds: 2)
        #expect(Self.token(try #require(bench.decisions[id])) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-04 Tokens that cannot be stored for long are kept and stored when the store is back")
    func keptForLong() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.storeFailure = { if case .commitRefresh = $0 { .down } else { nil } }
        bench.start(browser.request(Self.request))
        bench.world.pass(seconds: 50)
        bench.storeFailure = { _ in nil }
        bench.world.pass(seconds: 3)
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
        #expect(bench.log.filter { $0.text.string.contains("cannot be stored") }.count == 1)
    }

    @Test("HYG-02 Without random bytes new tokens are kept until there are some, without a rush")
    func noRandom() throws {
        let bench = Bench(World())
        let browser = try Self.expired(bench)
        bench.random.isBroken = true
        let before = bench.jobs
        bench.start(browser.request(Self.request))
        bench.world.pass(seconds: 10)
        #expect(bench.jobs - before < 50)
        bench.random.isBroken = false
        bench.world.pass(seconds: 3)
        #expect(Self.token(try Self.ask(browser, bench)) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-10 A logout during a refresh wins, and the late tokens are revoked")
    func logoutWins() throws {
        let bench = Bench(World())
        var browser = try Self.expired(bench)
        let stale = browser
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let id = bench.start(stale.request(Self.request))
        _ = try browser.ask(LogoutTests.logout(LogoutTests.sameOrigin), bench)
        bench.world.provider.script = { _ in nil }
        bench.release()
        #expect(try #require(bench.decisions[id]).reason == .sessionUnknown)
        #expect(bench.world.store.table.count == 0)
        #expect(bench.forms("/revoke").compactMap { $0["token"] } == ["refresh-1", "refresh-2"])
    }
}
