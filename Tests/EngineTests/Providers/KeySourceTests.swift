import Configuration
import Encodings
import Engine
import HTTPMessages
import Testing
import TokenForge

/// Keys from an address or a file that the operator names.
@Suite struct KeySourceTests {
    private static let path: ByteString = "/etc/keys.json"
    private let world = World()

    private func bench(
        _ source: Provider.KeySource, owner: UInt64 = 1,
        _ adjust: (inout Provider.Tokens) -> Void = { _ in }
    ) -> Bench {
        Bench(world, owner: owner) {
            $0.providers["idp"]?.keySource = source
            if var tokens = $0.providers["idp"]?.tokens {
                adjust(&tokens)
                $0.providers["idp"]?.tokens = tokens
            }
            $0.providers["idp"]?.client = nil
            $0.providers["idp"]?.sessions = nil
            $0.policies = $0.policies.filter { $0.value.mode == .bearer }
        }
    }

    private func isGood(_ forge: TokenForge, _ bench: Bench) throws -> Bool {
        world.provider.forge = forge
        return try BearerTests.ask(world.provider.apiToken(), bench).outcome == .forward
    }

    /// What lies in the file from now on.
    private func write(_ contents: [UInt8], _ number: Int) {
        world.files[Self.path] = { mark in
            mark == FileMark(number) ? .unchanged : .contents(contents, FileMark(number))
        }
    }

    @Test("MET-06 jwks_url: nothing else is asked, and its host may lie anywhere")
    func url() throws {
        let bench = bench(.url("https://keys.internal/jwks"))
        #expect(bench.sent.map(\.url) == ["https://keys.internal/jwks"])
        #expect(bench.sent.map(\.route.addresses) == [.any])
        #expect(try isGood(TokenForge(), bench))
        world.pass(seconds: 3_601)
        #expect(bench.sent.count == 2)
        world.provider.script = { _ in .refusedConnection }
        let next = self.bench(.url("https://keys.internal/jwks"), owner: 2)
        #expect(try isGood(TokenForge(), next), "kept as others are")
        let other = self.bench(.url("https://other.internal/jwks"), owner: 3)
        #expect(try !isGood(TokenForge(), other), "from elsewhere: not the same documents")
    }

    @Test("KEY-15 jwks_file: nobody is asked, and a changed file counts within seconds")
    func file() throws {
        let (old, new) = (TokenForge(), TokenForge(keyID: "k2", seed: 2))
        write(old.jwks, 1)
        let bench = bench(.file(Self.path))
        #expect(try isGood(old, bench))
        write(new.jwks, 2)
        world.pass(seconds: 2)
        #expect(try isGood(new, bench))
        #expect(try !isGood(old, bench))
        #expect(bench.sent.isEmpty)
        #expect(bench.keptCommands.isEmpty)
        let before = bench.looks
        world.pass(seconds: 60)
        #expect((29...31).contains(bench.looks - before))
    }

    @Test("KEY-14 jwks_file: a token with a new key has the file looked at at once")
    func unknownKey() throws {
        let (old, new) = (TokenForge(), TokenForge(keyID: "k2", seed: 2))
        write(old.jwks, 1)
        let bench = bench(.file(Self.path))
        write(TokenForge.jwks([old.jwk, new.jwk]), 2)
        #expect(try isGood(new, bench))
    }

    static let badFiles: [[UInt8]] = [
        [], Array("<p>".utf8), Array("{}".utf8), Array(#"{"keys":[]}"#.utf8),
        Array(#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#.utf8),
        Array("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".utf8),
    ]

    @Test("KEY-16 KEY-17 jwks_file: a bad file replaces no good keys, and is told of once",
        arguments: badFiles)
    func badFile(contents: [UInt8]) throws {
        write(TokenForge().jwks, 1)
        let bench = bench(.file(Self.path))
        write(contents, 2)
        world.pass(seconds: 600)
        #expect(try isGood(TokenForge(), bench))
        #expect(bench.log.filter { $0.level == .error }.count == 1)
        #expect(bench.hasLogged("its key file holds no usable keys; the old keys stay", .error))
        write(TokenForge(keyID: "k2", seed: 2).jwks, 3)
        world.pass(seconds: 3)
        #expect(try isGood(TokenForge(keyID: "k2", seed: 2), bench))
        #expect(bench.hasLogged("its key file is good again", .info))
    }

    @Test("KEY-16 jwks_file: a bad file leaves the old keys, up to the hard limit")
    func badForLong() throws {
        write(TokenForge().jwks, 1)
        let bench = bench(.file(Self.path)) { $0.keysHardLimit = 600 }
        write(Array("<p>".utf8), 2)
        world.pass(seconds: 597)
        #expect(try isGood(TokenForge(), bench))
        world.pass(seconds: 4)
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).reason == .keysUnavailable)
        #expect(bench.log.filter { $0.level == .error }.count == 1)
    }

    @Test("KEY-16 jwks_file: a file that is gone leaves its keys, up to the hard limit")
    func missing() throws {
        write(TokenForge().jwks, 1)
        let bench = bench(.file(Self.path)) { $0.keysHardLimit = 600 }
        // As long as it is there it may be as old as it is.
        world.pass(seconds: 1_000)
        #expect(try isGood(TokenForge(), bench))
        world.files = [:]
        world.pass(seconds: 597)
        #expect(try isGood(TokenForge(), bench))
        #expect(bench.log.filter { $0.level == .error }.count == 1)
        world.pass(seconds: 4)
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).reason == .keysUnavailable)
        write(TokenForge().jwks, 1)
        world.pass(seconds: 3)
        #expect(try isGood(TokenForge(), bench))
    }
}
