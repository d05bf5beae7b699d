import Cryptography
import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing
import TokenForge

/// REF-08: an ID token that comes with a refresh names the same person, or the session ends.
@Suite struct RefreshedIdentityTests {
    /// A worker whose refreshes bring ID tokens, and a session whose access token has expired.
    static func expired(_ world: World, _ bench: Bench) throws -> Browser {
        let browser = try Browser.signedIn(bench)
        world.pass(seconds: 301)
        let provider = world.provider
        provider.adjustTokens = { [unowned provider] in
            $0["id_token"] = .string(provider.idToken(nonce: nil))
        }
        return browser
    }

    @Test("REF-08 A refreshed ID token of the same person goes on, with its claims")
    func same() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.expired(world, bench)
        world.provider.adjustIDToken = { $0["name"] = "Alice B." }
        let decision = try RefreshTests.ask(browser, bench)
        #expect(decision.outcome == .forward)
        #expect(decision.claims?["name"] == "Alice B.")
        #expect(bench.count("/revoke") == 0)
    }

    static let wrong: [(String, @Sendable (inout JSONObject) -> Void)] = [
        ("another subject", { $0["sub"] = "mallory" }),
        ("no subject", { $0["sub"] = nil }),
        ("another issuer", { $0["iss"] = "https://evil.example" }),
        ("another audience", { $0["aud"] = "other" }),
        ("a second audience", { $0["aud"] = ["app", "other"] }),
        ("a hash of another token", { $0["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA" }),
    ]

    @Test(
        "REF-08 One of another subject, issuer or audience ends the session; what came is revoked",
        arguments: wrong)
    func other(name: String, change: @escaping @Sendable (inout JSONObject) -> Void) throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.expired(world, bench)
        world.provider.adjustIDToken = change
        let decision = try RefreshTests.ask(browser, bench)
        #expect(decision.status == 401)
        #expect(decision.reason == .sessionUnknown)
        #expect(world.store.table.count == 0)
        #expect(bench.forms("/revoke").compactMap { $0["token"] } == ["refresh-2"])
    }

    @Test("REF-08 One that a stranger signed ends the session")
    func forged() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.expired(world, bench)
        world.provider.forge = TokenForge(keyID: "k1", seed: 9)
        #expect(try RefreshTests.ask(browser, bench).reason == .sessionUnknown)
        #expect(bench.count("/revoke") == 1)
    }

    /// The provider signs with a new key, which nobody can fetch just now.
    static func unverified(_ world: World, _ bench: Bench) throws -> Browser {
        let browser = try Self.expired(world, bench)
        world.provider.forge = TokenForge(keyID: "k2", seed: 2)
        world.provider.keys = [TokenForge(), TokenForge(keyID: "k2", seed: 2)]
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .refusedConnection : nil }
        return browser
    }

    @Test("REF-08 Where the key cannot be had nothing is forwarded, and the check comes later")
    func checkedLater() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.unverified(world, bench)
        let decision = try RefreshTests.ask(browser, bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .keysUnavailable)
        #expect(decision.setCookies.isEmpty)
        #expect(world.store.table.count == 1)
        world.provider.script = { _ in nil }
        world.provider.adjustIDToken = { _ in }
        world.pass(seconds: 61)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-08 The check that was owed ends the session when it fails, and what came is revoked")
    func failsLater() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.unverified(world, bench)
        world.provider.adjustIDToken = { $0["sub"] = "mallory" }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        world.provider.script = { _ in nil }
        world.pass(seconds: 61)
        #expect(try RefreshTests.ask(browser, bench).reason == .sessionUnknown)
        #expect(world.store.table.count == 0)
        #expect(bench.forms("/revoke").compactMap { $0["token"] } == ["refresh-2"])
    }

    @Test("KEY-14 MET-09 While the key cannot be had it is fetched once in a pause")
    func throttled() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.unverified(world, bench)
        _ = try RefreshTests.ask(browser, bench)
        let before = bench.count("/jwks")
        for _ in 0..<50 { #expect(try RefreshTests.ask(browser, bench).status == 503) }
        #expect(bench.count("/jwks") - before <= 1)
        let page = try #require(bench.ask(browser.request(.page("/a"))))
        #expect(page.status == 503)
        #expect(page.body.string.contains("/auth/login?return_to=%2Fa"))
    }

    @Test("REF-08 An ID token that expires before its late check ends nothing")
    func expiresMeanwhile() throws {
        let world = World()
        world.provider.tokenLife = 3_000
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        world.pass(seconds: 3_001)
        world.provider.adjustTokens = { [unowned provider = world.provider] in
            $0["id_token"] = .string(provider.idToken(nonce: nil))
        }
        world.provider.forge = TokenForge(keyID: "k2", seed: 2)
        world.provider.keys = [TokenForge(), TokenForge(keyID: "k2", seed: 2)]
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .refusedConnection : nil }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        world.provider.script = { _ in nil }
        for _ in 0..<10 {
            world.pass(seconds: 100)
            #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
        }
    }

    @Test("REF-08 A refresh without an ID token after one whose check was made later goes on")
    func refreshedAfterLateCheck() throws {
        let world = World()
        world.provider.adjustIDToken = { _ in }
        let bench = Bench(world)
        let browser = try Self.expired(world, bench)
        world.provider.adjustTokens = { [unowned provider = world.provider] answer in
            provider.adjustIDToken = { claims in
                // The left half of SHA-512 of "access-2".
                claims["at_hash"] = .string(Self.hash("access-2"))
            }
            answer["id_token"] = .string(provider.idToken(nonce: nil))
        }
        world.provider.forge = TokenForge(keyID: "k2", seed: 2)
        world.provider.keys = [TokenForge(), TokenForge(keyID: "k2", seed: 2)]
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .refusedConnection : nil }
        #expect(try RefreshTests.ask(browser, bench).reason == .keysUnavailable)
        world.provider.script = { _ in nil }
        world.provider.adjustTokens = { _ in }
        world.pass(seconds: 61)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
        world.pass(seconds: 300)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-3")
        #expect(world.store.table.count == 1)
        #expect(bench.count("/revoke") == 0)
    }

    /// A session whose latest ID token was signed with a key that the provider has withdrawn since.
    static func withdrawn(_ world: World, _ bench: Bench) throws -> Browser {
        let browser = try Self.unverified(world, bench)
        #expect(try RefreshTests.ask(browser, bench).reason == .keysUnavailable)
        world.provider.keys = [TokenForge()]
        world.provider.forge = TokenForge()
        world.provider.script = { _ in nil }
        world.pass(seconds: 61)
        return browser
    }

    @Test("REF-08 Where the key was withdrawn nothing is forwarded until a refresh proves more")
    func keyWithdrawn() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.withdrawn(world, bench)
        world.provider.script = { $0.url.hasSuffix("/token") ? .text("", status: 500) : nil }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        world.provider.script = { _ in nil }
        world.pass(seconds: 1)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-3")
    }

    @Test(
        "REF-08 Where the key was withdrawn a refresh without the person's ID token ends",
        arguments: [true, false])
    func keyWithdrawnForGood(bringsToken: Bool) throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.withdrawn(world, bench)
        if bringsToken {
            world.provider.adjustIDToken = { $0["sub"] = "mallory" }
        } else {
            world.provider.adjustTokens = { _ in }
        }
        #expect(try RefreshTests.ask(browser, bench).reason == .sessionUnknown)
        #expect(world.store.table.count == 0)
        #expect(bench.forms("/revoke").compactMap { $0["token"] } == ["refresh-3"])
    }

    @Test("REF-08 A refreshed ID token that is past its time by our clock ends nothing")
    func clock() throws {
        let world = World()
        let bench = Bench(world)
        let browser = try Self.expired(world, bench)
        world.provider.adjustIDToken = {
            $0["exp"] = 1_700_000_000
            $0["nbf"] = 1_900_000_000
        }
        #expect(try RefreshTests.ask(browser, bench).outcome == .forward)
    }

    private static func hash(_ token: ByteString) -> ByteString {
        Base64URL.encode(Array(Digest.sha512(token.bytes).prefix(32)))
    }
}
