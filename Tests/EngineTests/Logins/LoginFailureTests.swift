import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing
import TokenForge

/// CB-11: no session, no cookie and no token is kept before every check has passed.
@Suite struct LoginFailureTests {
    /// A way in which a provider's answer can be wrong, and what becomes of it.
    struct Wrong: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var reason: Reason
        var status: Int
        var isRevoked = true
        var change: @Sendable (FakeProvider) -> Void
    }

    static func claims(
        _ text: String, _ change: @escaping @Sendable (inout JSONObject) -> Void
    ) -> Wrong {
        Wrong(testDescription: text, reason: .loginTokenRefused, status: 403) {
            $0.adjustIDToken = change
        }
    }
    static func answer(
        _ text: String, _ answer: FakeProvider.Answer, _ reason: Reason, _ status: Int
    ) -> Wrong {
        Wrong(testDescription: text, reason: reason, status: status, isRevoked: false) { provider in
            provider.script = { $0.url.hasSuffix("/token") ? answer : nil }
        }
    }

    static let wrongs: [Wrong] = [
        claims("IDT-03 another issuer") { $0["iss"] = "https://evil.example" },
        claims("IDT-04 another audience") { $0["aud"] = "other" },
        claims("IDT-04 no audience") { $0["aud"] = nil },
        claims("IDT-04 a second audience") { $0["aud"] = ["app", "other"] },
        claims("IDT-05 another authorized party") { $0["azp"] = "other" },
        claims("IDT-06 expired") { $0["exp"] = 1_700_000_000 },
        claims("IDT-06 no exp") { $0["exp"] = nil },
        claims("IDT-06 no iat") { $0["iat"] = nil },
        claims("IDT-06 an old iat") { $0["iat"] = 1_799_000_000 },
        claims("IDT-07 no sub") { $0["sub"] = nil },
        claims("IDT-07 an empty sub") { $0["sub"] = "" },
        claims("IDT-08 another nonce") { $0["nonce"] = "other" },
        claims("IDT-08 no nonce") { $0["nonce"] = nil },
        claims("IDT-09 another token's hash") { $0["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" },
        claims("IDT-11 a logout token") { $0["events"] = .object([:]) },
        Wrong(
            testDescription: "IDT-02 signed by a stranger under our kid",
            reason: .loginTokenRefused, status: 403
        ) { $0.forge = TokenForge(keyID: "k1", seed: 9) },
        Wrong(
            testDescription: "IDT-02 signed with a key that the provider does not publish",
            reason: .loginTokenRefused, status: 403
        ) { $0.forge = TokenForge(keyID: "k9", seed: 9) },
        Wrong(testDescription: "IDT-01 no ID token", reason: .loginTokenRefused, status: 403) {
            $0.adjustTokens = { $0["id_token"] = nil }
        },
        Wrong(testDescription: "IDT-02 alg none", reason: .loginTokenRefused, status: 403) {
            $0.adjustTokens = { $0["id_token"] = "eyJhbGciOiJub25lIn0.e30." }
        },
        Wrong(
            testDescription: "CB-08 another token type", reason: .providerUnavailable, status: 503,
            isRevoked: false
        ) { $0.adjustTokens = { $0["token_type"] = "mac" } },
        Wrong(
            testDescription: "CB-08 no access token", reason: .providerUnavailable, status: 503,
            isRevoked: false
        ) { $0.adjustTokens = { $0["access_token"] = nil } },
        answer(
            "invalid_grant", .json(["error": "invalid_grant"], 400), .loginCodeRefused, 403),
        answer(
            "invalid_client", .json(["error": "invalid_client"], 401),
            .providerUnavailable, 503),
        answer("HTML 400", .text("<p>", status: 400), .providerUnavailable, 503),
        answer("500", .text("", status: 500), .providerUnavailable, 503),
        answer("502", .text("", status: 502), .providerUnavailable, 503),
        answer("a redirect", .text("", status: 302), .providerUnavailable, 503),
        answer("a time-out", .timeout, .providerUnavailable, 503),
        answer("no connection", .refusedConnection, .providerUnavailable, 503),
    ]

    @Test(
        "CB-11 A login that fails leaves no session, and the code is not sent again",
        arguments: wrongs)
    func noSession(wrong: Wrong) throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        wrong.change(bench.world.provider)
        let request = browser.request(try browser.callback(parameters))
        let decision = try #require(bench.ask(request))
        #expect(decision.reason == wrong.reason)
        #expect(decision.status == wrong.status)
        #expect(decision.setCookies.allSatisfy { $0.string.contains("Max-Age=0") })
        #expect(bench.world.store.table.count == 0)
        #expect(
            !bench.commands.contains { if case .create = $0 { true } else { false } })
        #expect(bench.count("/token") == 1)
        #expect(bench.count("/revoke") == (wrong.isRevoked ? 1 : 0))
        _ = bench.ask(request)
        #expect(bench.count("/token") == 1)
    }

    @Test(
        "KEY-15 A login right after the provider changed its key fetches the new one and succeeds"
    )
    func newKey() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        let key = TokenForge(keyID: "k2", seed: 2)
        bench.world.provider.forge = key
        bench.world.provider.keys = [key]
        #expect(try browser.ask(try browser.callback(parameters), bench).reason == .loginCompleted)
        #expect(bench.count("/jwks") == 2)
    }

    @Test("Keys that cannot be had give 503, no session, and the tokens back")
    func noKeys() throws {
        let world = World()
        let first = Bench(world)
        var browser = Browser()
        let parameters = try browser.beginLogin(first)
        world.isForgetful = true
        let bench = Bench(world, owner: 2, begins: false)
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .refusedConnection : nil }
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .keysUnavailable)
        #expect(world.store.table.count == 0)
        #expect(bench.forms("/revoke").first?["token"] == "refresh-1")
    }

    @Test("A session that cannot be stored at first is stored later, under the same ticket")
    func storedLater() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        bench.storeFailure = { if case .create = $0 { .down } else { nil } }
        let id = bench.start(browser.request(try browser.callback(parameters)))
        bench.world.pass(milliseconds: 150)
        #expect(bench.decisions[id] == nil)
        bench.storeFailure = { _ in nil }
        bench.world.pass(seconds: 1)
        let decision = try #require(bench.decisions[id])
        #expect(decision.reason == .loginCompleted)
        browser.take(decision)
        #expect(bench.ask(browser.request(.page("/")))?.outcome == .forward)
        #expect(bench.count("/token") == 1)
    }

    @Test("A session that was stored although nobody heard of it is the session")
    func storedUnheard() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        var isFirst = true
        bench.losesReply = {
            guard case .create = $0, isFirst else { return false }
            isFirst = false
            return true
        }
        let id = bench.start(browser.request(try browser.callback(parameters)))
        bench.world.pass(seconds: 5)
        let decision = try #require(bench.decisions[id])
        #expect(decision.reason == .loginCompleted)
        browser.take(decision)
        #expect(bench.ask(browser.request(.page("/")))?.outcome == .forward)
        #expect(bench.count("/revoke") == 0)
    }

    @Test("A session that can never be stored gives 503, and the tokens back")
    func neverStored() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        bench.storeFailure = { if case .create = $0 { .down } else { nil } }
        let id = bench.start(browser.request(try browser.callback(parameters)))
        bench.world.pass(seconds: 10)
        let decision = try #require(bench.decisions[id])
        #expect(decision.status == 503)
        #expect(decision.reason == .storeUnavailable)
        #expect(bench.count("/revoke") == 1)
        #expect(decision.setCookies.isEmpty)
    }

    @Test("HYG-02 Without random bytes no session begins")
    func noRandom() throws {
        let bench = Bench(World())
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        bench.random.isBroken = true
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.reason == .randomUnavailable)
        #expect(browser.session == nil)
        #expect(bench.world.store.table.count == 0)
        #expect(bench.count("/revoke") == 1)
    }

    @Test("HYG-05 No log line of a login shows a token, a code, a cookie or a secret")
    func canary() throws {
        for wrong in Self.wrongs {
            let bench = Bench(World())
            var browser = Browser()
            let parameters = try browser.beginLogin(bench)
            wrong.change(bench.world.provider)
            let attempt = try #require(browser.attempts.first).value
            _ = try browser.ask(try browser.callback(parameters, code: "code-canary"), bench)
            for line in bench.log {
                let text = line.text.string
                for secret in [
                    "code-canary", "access-1", "refresh-1", "client-secret", attempt.string,
                    parameters["state"]?.string ?? "", parameters["nonce"]?.string ?? "",
                ] {
                    #expect(!text.contains(secret))
                }
            }
        }
    }
}
