import Encodings
import Engine
import HTTPMessages
import Testing

/// What broke elsewhere; the rows are those of Tests/Requirements.
@Suite("Traps")
struct TrapTests {
    @Test("TRP-11 API and session document say the same of who is signed in", arguments: [
        0, 200, 301, 3_000, 3_601, 36_001,
    ] as [Int64], [true, false])
    func agreement(seconds: Int64, canRefresh: Bool) throws {
        let world = World()
        world.provider.adjustTokens = { if !canRefresh { $0["refresh_token"] = nil } }
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        world.pass(seconds: seconds)
        let before = bench.ask(browser.request(.script("GET", "/auth/session")))
        let api = try #require(bench.ask(browser.request(.script("GET", "/api"))))
        let after = bench.ask(browser.request(.script("GET", "/auth/session")))
        for info in [before, after] {
            let isSignedIn = info?.json?["authenticated"]?.bool as Bool?
            #expect(isSignedIn == (api.outcome == .forward))
        }
    }

    @Test("TRP-32 Cookies are Secure, whatever is said of the connection")
    func secure() throws {
        let bench = Bench(World())
        for (name, value) in [
            ("X-Forwarded-Proto", "http"), ("Forwarded", "proto=http;host=evil.example"),
            ("X-Forwarded-Ssl", "off"), ("Front-End-Https", "off"),
        ] as [(ByteString, ByteString)] {
            let decision = try #require(bench.ask(.page("/auth/login", (name, value))))
            #expect(decision.status == 303)
            #expect(!decision.setCookies.isEmpty)
            #expect(decision.setCookies.allSatisfy { $0.string.contains("; Secure;") })
        }
    }

    @Test("TRP-33 The cookie lives as long as the row in the store may")
    func lifetimes() throws {
        for seconds: Int64 in [60, 36_000] {
            let bench = Bench(World()) { $0.sessions { $0.absoluteTimeout = seconds } }
            var browser = Browser()
            let decision = try browser.signIn(bench)
            let cookie = try #require(decision.setCookies.first)
            #expect(cookie.hasSuffix("; Max-Age=\(seconds)"))
            bench.world.pass(seconds: seconds - 1)
            _ = bench.ask(browser.request(.script("GET", "/api")))
            bench.world.pass(seconds: 1)
            let over = try #require(bench.ask(browser.request(.script("GET", "/api"))))
            #expect(over.status == 401)
        }
    }

    @Test("TRP-35 A token of 16 KiB comes to the upstream whole; a longer one begins no session")
    func longTokens() throws {
        for (count, isKept) in [(16_384, true), (16_385, false)] {
            let world = World()
            let token = ByteString([UInt8](repeating: 0x61, count: count))
            world.provider.adjustTokens = { $0["access_token"] = .string(token) }
            let bench = Bench(world)
            var browser = Browser()
            let login = try browser.signIn(bench)
            #expect((login.reason == .loginCompleted) == isKept)
            guard isKept else { continue }
            let decision = try #require(bench.ask(browser.request(.script("GET", "/api"))))
            #expect(
                decision.upstreamEdits.contains(HeaderEdit("Authorization", "Bearer " + token)))
        }
    }

    @Test("TRP-37 A storm of WebSockets that come back asks the store nothing")
    func reconnects() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let upgrade = browser.request(
            .plain(
                "GET", "/socket", ("Upgrade", "websocket"), ("Connection", "Upgrade"),
                ("Origin", "https://app.example")))
        #expect(bench.ask(upgrade)?.outcome == .forward)
        let before = bench.commands.count
        for _ in 0..<1_000 { #expect(bench.ask(upgrade)?.outcome == .forward) }
        #expect(bench.commands.count == before)
    }
}
