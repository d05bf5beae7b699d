import Encodings
import Engine
import HTTPMessages
import Testing
import TokenForge

/// How metadata and keys are fetched, kept and renewed.
@Suite struct ProviderFlightTests {
    static func memory(_ bench: Bench) throws -> ProviderMemory {
        try #require(bench.core.tables.providers["idp"])
    }
    static func isGood(_ bench: Bench) throws -> Bool {
        try BearerTests.ask(bench.world.provider.apiToken(), bench).outcome == .forward
    }

    @Test("MET-02 An engine fetches metadata and keys as soon as it begins, before any request")
    func ahead() throws {
        let bench = Bench(World())
        #expect(
            bench.sent.map(\.url) == [
                "https://idp.example/.well-known/openid-configuration", "https://idp.example/jwks",
            ])
        #expect(bench.sent.allSatisfy { $0.method == .get && $0.body.isEmpty })
        #expect(try Self.memory(bench).keys != nil)
        bench.world.pass(seconds: 100)
        #expect(try Self.isGood(bench))
        #expect(bench.sent.count == 2)
    }

    @Test("KEY-15 Keys are renewed behind the requests when they grow old")
    func renewed() throws {
        let bench = Bench(World())
        bench.world.pass(seconds: 3_599)
        #expect(bench.count("/jwks") == 1)
        bench.world.pass(seconds: 1)
        #expect(bench.count("/jwks") == 2)
        #expect(bench.count("openid-configuration") == 2)
        bench.world.pass(seconds: 36_000)
        #expect(bench.count("/jwks") == 12)
    }

    @Test("KEY-18 Cache-Control is followed within our own limits", arguments: [
        ("max-age=0", 60), ("no-store", 60), ("max-age=600", 600), ("max-age=999999999", 3_600),
        ("public, MAX-AGE=120", 120), ("max-age=x", 3_600), ("", 3_600),
        ("max-age=99999999999999999999", 3_600), ("s-maxage=10", 3_600),
    ] as [(ByteString, Int64)])
    func lifetime(header: ByteString, seconds: Int64) throws {
        let world = World()
        world.provider.script = { [unowned provider = world.provider] in
            $0.url.hasSuffix("/jwks")
                ? .json(provider.keySet, 200, [HeaderField("cache-control", header)]) : nil
        }
        let bench = Bench(world)
        #expect(try Self.memory(bench).keysStale == 1_000_000 + seconds * 1_000)
    }

    static let badKeySets: [(String, FakeProvider.Answer)] = [
        ("HTML", .text("<p>", status: 200)), ("an empty object", .json([:])),
        ("an empty set", .json(["keys": []])), ("500", .text("", status: 500)),
        ("404 with a set", .json(["keys": [.object(TokenForge().jwk)]], 404)),
        ("a single key", .json(TokenForge().jwk)), ("no connection", .refusedConnection),
        ("only useless keys", .json(["keys": [.object(["kty": "oct", "k": "AAAA"])]])),
        (
            "the wrong media type",
            .text(JSONObject(["keys": [.object(TokenForge().jwk)]]).serialized, status: 200)
        ),
    ]

    @Test(
        "KEY-16 KEY-17 KEY-23 A bad answer replaces no good key set before its hard limit",
        arguments: badKeySets)
    func badKeys(name: String, answer: FakeProvider.Answer) throws {
        let bench = Bench(World()) { $0.providers["idp"]?.tokens.keysHardLimit = 7_200 }
        bench.world.provider.script = { $0.url.hasSuffix("/jwks") ? answer : nil }
        bench.world.pass(seconds: 3_700)
        #expect(bench.count("/jwks") > 1)
        #expect(bench.hasLogged("provider idp", .error))
        #expect(try Self.isGood(bench))
        bench.world.pass(seconds: 7_200 - 3_701)
        #expect(try Self.isGood(bench))
        bench.world.pass(seconds: 1)
        let decision = try BearerTests.ask(bench.world.provider.apiToken(), bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .keysUnavailable)
        bench.world.provider.script = { _ in nil }
        bench.world.pass(seconds: 31)
        #expect(try Self.isGood(bench))
        #expect(bench.hasLogged("reached again", .info))
    }

    @Test("CLM-18 KEY-16 A verdict does not outlive the keys' hard limit")
    func verdictAndHardLimit() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken { $0["exp"] = 1_900_000_000 }
        #expect(try BearerTests.ask(token, bench).outcome == .forward)
        bench.world.provider.script = { _ in .refusedConnection }
        bench.world.pass(seconds: 86_399)
        #expect(try BearerTests.ask(token, bench).outcome == .forward)
        bench.world.pass(seconds: 1)
        #expect(try BearerTests.ask(token, bench).reason == .keysUnavailable)
    }

    static let badDocuments: [(String, @Sendable (inout JSONObject) -> Void)] = [
        ("MET-01 another issuer", { $0["issuer"] = "https://idp.example/" }),
        ("MET-13 no token endpoint", { $0["token_endpoint"] = nil }),
        ("MET-10 a list for a key set URL", { $0["jwks_uri"] = ["https://idp.example/jwks"] }),
        ("MET-05 plain http", { $0["token_endpoint"] = "http://idp.example/token" }),
        ("LOG-02 no S256", { $0["code_challenge_methods_supported"] = ["plain"] }),
    ]

    @Test(
        "MET-01 MET-13 A bad document is not used, and does not replace a good one",
        arguments: badDocuments)
    func badMetadata(name: String, change: @Sendable (inout JSONObject) -> Void) throws {
        let world = World()
        let good = world.provider.metadata
        change(&world.provider.metadata)
        let bench = Bench(world)
        #expect(try Self.memory(bench).metadata == nil)
        #expect(bench.count("/jwks") == 0)
        #expect(bench.ask(.page("/auth/login"))?.status == 503)
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).status == 503)
        #expect(bench.hasLogged("its metadata is not usable", .error))
        let bad = world.provider.metadata
        world.provider.metadata = good
        world.pass(seconds: 31)
        #expect(try Self.isGood(bench))
        world.provider.metadata = bad
        world.pass(seconds: 3_601)
        #expect(bench.hasLogged("its metadata is not usable", .warning))
        #expect(bench.ask(.page("/auth/login"))?.status == 303)
        #expect(try Self.isGood(bench))
    }

    @Test("MET-08 A discovery document of another media type is not used")
    func metadataType() throws {
        let world = World()
        let document = world.provider.metadata.serialized
        world.provider.script = {
            $0.url.hasSuffix("openid-configuration") ? .text(document, status: 200) : nil
        }
        #expect(try Self.memory(Bench(world)).metadata == nil)
    }

    @Test("MET-13 A document that moves an endpoint to another host is told of")
    func moves() throws {
        let world = World()
        let bench = Bench(world)
        world.provider.metadata["token_endpoint"] = "https://elsewhere.example/token"
        world.pass(seconds: 3_601)
        #expect(bench.hasLogged("its token endpoint is now at elsewhere.example", .warning))
        #expect(bench.log.filter { $0.level == .warning }.count == 1)
    }

    @Test("KEY-15 A smaller set that is good is a rotation, and counts")
    func shrunken() throws {
        let world = World()
        let other = TokenForge(keyID: "k2", seed: 2)
        world.provider.keys = [TokenForge(), other]
        let bench = Bench(world)
        #expect(try Self.isGood(bench))
        world.provider.keys = [other]
        world.pass(seconds: 3_600)
        #expect(try !Self.isGood(bench))
    }

    @Test("MET-09 A provider that is down is asked at growing pauses, and calmly logged")
    func backoff() throws {
        let world = World()
        world.provider.script = { _ in .refusedConnection }
        let bench = Bench(world)
        for _ in 0..<200 {
            _ = try BearerTests.ask(world.provider.apiToken(), bench)
            _ = bench.ask(.page("/auth/login"))
            world.pass(seconds: 1)
        }
        #expect((8...20).contains(bench.sent.count))
        #expect((1...4).contains(bench.log.count { $0.level != .debug }))
        #expect(try Self.memory(bench).trouble.notBefore - world.milliseconds <= 30_000)
    }

    @Test("MET-09 Everyone who needs the provider waits for one fetch")
    func singleFlight() throws {
        let world = World()
        world.provider.script = { _ in .held }
        let bench = Bench(world)
        let bearer = (0..<10).map { _ in
            bench.start(.api(("Authorization", "Bearer " + world.provider.apiToken())))
        }
        let logins = (0..<10).map { _ in bench.start(.page("/auth/login")) }
        #expect(bench.sent.count == 1)
        world.provider.script = { _ in nil }
        bench.release()
        #expect(bearer.allSatisfy { bench.decisions[$0]?.outcome == .forward })
        #expect(logins.allSatisfy { bench.decisions[$0]?.status == 303 })
        #expect(bench.sent.count == 2)
    }

    @Test("One bad provider does not stop the other")
    func independent() throws {
        let world = World()
        world.provider.script = {
            $0.url.hasPrefix("https://bad.example") ? .refusedConnection : nil
        }
        let bench = Bench(world) {
            var other = $0.providers["idp"]
            other?.name = "bad"
            other?.issuer = "https://bad.example"
            $0.providers["bad"] = other
        }
        world.pass(seconds: 7_200)
        #expect(bench.count("/jwks") == 3)
        #expect(try Self.isGood(bench))
    }

    @Test("MET-06 The issuer's host may lie anywhere, one that only the document names may not")
    func routes() throws {
        let world = World()
        world.provider.metadata["jwks_uri"] = "https://keys.example/jwks"
        let bench = Bench(world)
        #expect(bench.sent.map(\.route.addresses) == [.any, .publicOnly])
        #expect(bench.sent.allSatisfy { $0.timeout == 5_000 && $0.bodyLimit <= 512 << 10 })
    }

    @Test("KEY-08 KEY-09 The operator hears once of a symmetric or private key in a set")
    func remarks() throws {
        let world = World()
        var leaked = TokenForge(keyID: "k3", seed: 3).jwk
        leaked["d"] = "c2VjcmV0LWNhbmFyeQ"
        let keys: JSONObject = [
            "keys": [
                .object(TokenForge().jwk), .object(leaked),
                .object(["kty": "oct", "k": "c2VjcmV0LWNhbmFyeQ", "kid": "sym\nmetric"]),
            ]
        ]
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .json(keys) : nil }
        let bench = Bench(world)
        #expect(try Self.isGood(bench))
        let alarms = bench.log.filter { $0.level == .error }.count
        #expect(alarms == 2)
        world.pass(seconds: 8_000)
        #expect(bench.count("/jwks") == 3)
        #expect(bench.log.filter { $0.level == .error }.count == alarms)
        for line in bench.log {
            #expect(!line.text.string.contains("c2VjcmV0") && !line.text.bytes.contains(0x0A))
        }
    }
}
