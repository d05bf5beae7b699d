import Chance
import Configuration
import Cryptography
import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing
import TokenForge

/// A provider's documents in the store: for restarts during its outage, and for other workers.
@Suite struct KeptKeysTests {
    private let world = World()

    private func isGood(_ bench: Bench) throws -> Bool {
        try BearerTests.ask(world.provider.apiToken(), bench).outcome == .forward
    }
    private func fails() { world.provider.script = { _ in .refusedConnection } }

    @Test("KEY-16 After a restart during an outage tokens verify at once, up to the hard limit")
    func restart() throws {
        _ = Bench(world)
        fails()
        world.pass(seconds: 80_000)
        let bench = Bench(world, owner: 2)
        #expect(bench.sent.isEmpty, "nobody had to be asked")
        #expect(try isGood(bench))
        #expect(bench.ask(.page("/auth/login"))?.status == 303, "metadata is there, too")
        #expect(bench.hasLogged("its keys of 80000 s ago are in the store", .info))
        world.pass(seconds: 6_399)
        #expect(bench.count("openid-configuration") > 1, "it goes on to ask the provider")
        #expect(try isGood(bench))
        world.pass(seconds: 1)
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).reason == .keysUnavailable)
        let late = Bench(world, owner: 3)
        #expect(try BearerTests.ask(world.provider.apiToken(), late).reason == .keysUnavailable)
    }

    @Test("KEY-15 A start takes kept keys at once and asks the provider right after")
    func start() throws {
        _ = Bench(world)
        let key = TokenForge(keyID: "k2", seed: 2)
        (world.provider.forge, world.provider.keys) = (key, [key])
        world.pass(seconds: 61)
        let bench = Bench(world, owner: 2)
        #expect(bench.sent.isEmpty)
        world.pass(milliseconds: 100)
        #expect(bench.count("/jwks") == 1)
        #expect(try isGood(bench))
        #expect(bench.count("/jwks") == 1)
    }

    @Test("KEY-14 A key that the kept set lacks is asked for at the provider, at once")
    func unknownKey() throws {
        _ = Bench(world)
        let key = TokenForge(keyID: "k2", seed: 2)
        (world.provider.forge, world.provider.keys) = (key, [key])
        let bench = Bench(world, owner: 2, begins: false)
        #expect(try isGood(bench))
        #expect(bench.count("/jwks") == 1)
        for number in 0..<50 {
            world.provider.forge = TokenForge(keyID: "x\(ByteString(number))", seed: 7)
            #expect(try !isGood(bench))
        }
        #expect(bench.count("/jwks") == 1)
    }

    @Test("KEY-16 A new key that one worker has fetched is good at the others during an outage")
    func newKeyInOutage() throws {
        let (first, second) = (Bench(world), Bench(world, owner: 2))
        let key = TokenForge(keyID: "k2", seed: 2)
        world.provider.keys.append(key)
        world.provider.forge = key
        world.pass(seconds: 10)
        #expect(try isGood(first))
        fails()
        #expect(try isGood(second))
        #expect(second.sent.isEmpty)
    }

    @Test("KEY-15 What one worker fetches serves the others")
    func workers() throws {
        let benches = (0..<8).map { Bench(world, owner: UInt64($0 * 128)) }
        let before = benches.map { $0.count("/jwks") }
        #expect(before == [1, 0, 0, 0, 0, 0, 0, 0])
        let key = TokenForge(keyID: "k2", seed: 2)
        (world.provider.forge, world.provider.keys) = (key, [key])
        world.pass(seconds: 3_600)
        #expect(benches.map { $0.count("/jwks") }.reduce(0, +) == 2)
        for bench in benches { #expect(try isGood(bench)) }
        #expect(benches.map { $0.count("/jwks") }.reduce(0, +) == 2)
    }

    @Test("KEY-16 A clock that is set back makes no keys young again")
    func clockSetBack() throws {
        _ = Bench(world)
        fails()
        world.pass(seconds: 86_400)
        world.clockShift = -86_300
        let bench = Bench(world, owner: 2)
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).reason == .keysUnavailable)
    }

    @Test("KEY-16 Keys from the future are of no known age", arguments: [
        (-60, true), (-61, false), (-86_400, false), (3_600, true), (86_400, false),
    ] as [(Int64, Bool)])
    func clock(shift: Int64, isGood: Bool) throws {
        _ = Bench(world)
        fails()
        world.clockShift = shift
        let bench = Bench(world, owner: 2)
        #expect(try self.isGood(bench) == isGood)
    }

    @Test("COK-17 What nobody has sealed with the ring is not believed, nor another's documents")
    func forged() throws {
        _ = Bench(world)
        fails()
        let purpose = ProviderRecord.Purpose(issuer: FakeProvider.issuer, keySetURL: "")
        let name = try #require(purpose.key)
        guard case .kept(let good, _) = try world.store.perform(.readKept(name)) else {
            Issue.record("nothing is kept")
            return
        }
        let planted = ProviderRecord(
            purpose: purpose, fetchedAt: world.wall, lifetime: nil,
            metadata: world.provider.metadata.serialized.bytes, keys: world.provider.keySet
                .serialized.bytes)
        let ring = KeyRing(current: KeyRing.Key(id: "k1", secret: Secret([UInt8](1..<33))))
        let foreign = try #require(planted.seal(ring, random: SeededRandom(seed: 5)))
        var bent = good
        bent[good.count / 2] ^= 1
        for sealed in [foreign, bent, [], Array(good.dropLast()), planted.keys] {
            _ = try world.store.perform(.keep(name, sealed: sealed, expiry: .max))
            #expect(try !isGood(Bench(world, owner: 2)))
        }
        let other = try #require(
            ProviderRecord.Purpose(issuer: "https://other.example", keySetURL: "").key)
        _ = try world.store.perform(.keep(other, sealed: good, expiry: .max))
        let bench = Bench(world, owner: 2) {
            $0.providers["idp"]?.issuer = "https://other.example"
        }
        let token = world.provider.apiToken { $0["iss"] = "https://other.example" }
        #expect(try BearerTests.ask(token, bench).reason == .keysUnavailable)
        _ = try world.store.perform(.keep(name, sealed: good, expiry: .max))
        #expect(try isGood(Bench(world, owner: 2)))
    }

    @Test("MET-01 KEY-17 What is read back is checked like a fresh answer", arguments: [
        ("issuer", "https://evil.example", nil),
        ("token_endpoint", "http://idp.example/token", nil), ("jwks_uri", nil, nil),
        ("x", "y", ["keys": []]), ("x", "y", [:]),
    ] as [(ByteString, JSONValue?, JSONObject?)])
    func badRecords(name: ByteString, value: JSONValue?, keys: JSONObject?) throws {
        var metadata = world.provider.metadata
        metadata[name] = value
        let purpose = ProviderRecord.Purpose(issuer: FakeProvider.issuer, keySetURL: "")
        let record = ProviderRecord(
            purpose: purpose, fetchedAt: world.wall, lifetime: nil,
            metadata: metadata.serialized.bytes,
            keys: (keys ?? world.provider.keySet).serialized.bytes)
        let ring = try #require(Configuration.forTests.keyRing)
        let sealed = try #require(record.seal(ring, random: SeededRandom(seed: 5)))
        let key = try #require(purpose.key)
        _ = try world.store.perform(.keep(key, sealed: sealed, expiry: .max))
        fails()
        #expect(try !isGood(Bench(world)))
    }

    @Test("KEY-17 What the provider answers badly is not kept")
    func badAnswers() throws {
        _ = Bench(world)
        for (_, answer) in ProviderFlightTests.badKeySets {
            world.provider.script = { $0.url.hasSuffix("/jwks") ? answer : nil }
            world.pass(seconds: 4_000)
            fails()
            #expect(try isGood(Bench(world, owner: 2)))
        }
    }

    @Test("KEY-09 A private part that the provider has published is not kept")
    func privatePart() throws {
        var leaked = TokenForge().jwk
        leaked["d"] = "c2VjcmV0LWNhbmFyeQ"
        let document = JSONObject(["keys": [.object(leaked)]])
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .json(document) : nil }
        let bench = Bench(world)
        guard case .keep(let name, let sealed, _)? = bench.keptCommands.last else {
            Issue.record("nothing is kept")
            return
        }
        let purpose = ProviderRecord.Purpose(issuer: FakeProvider.issuer, keySetURL: "")
        #expect(purpose.key == name)
        let ring = try #require(Configuration.forTests.keyRing)
        let record = try #require(ProviderRecord.open(sealed, for: purpose, ring))
        let text = ByteString(record.keys).string
        #expect(text.contains("\"x\"") && !text.contains("c2VjcmV0"))
        fails()
        #expect(try isGood(Bench(world, owner: 2)))
    }

    @Test("MET-09 A store that fails costs nothing but what it would have kept")
    func storeFails() throws {
        let bench = Bench(world, begins: false)
        bench.storeFailure = { _ in .down }
        bench.begin()
        #expect(try isGood(bench))
        let without = Bench(World()) { $0.store = nil }
        #expect(without.keptCommands.isEmpty)
    }

    @Test("REF-08 An ID token whose key the kept set lacks is checked with the provider's own set")
    func identity() throws {
        let browser = try Browser.signedIn(Bench(world))
        let key = TokenForge(keyID: "k2", seed: 2)
        (world.provider.forge, world.provider.keys) = (key, [key])
        world.provider.adjustTokens = { [unowned provider = world.provider] in
            $0["id_token"] = .string(provider.idToken(nonce: nil))
        }
        world.pass(seconds: 301)
        let bench = Bench(world, owner: 2, begins: false)
        let decision = bench.ask(browser.request(.script("GET", "/api")))
        #expect(decision?.outcome == .forward)
    }
}
