import Configuration
import Encodings
import Engine
import HTTPMessages
import JOSE
import OAuth
import Testing
import TokenForge

/// One bearer policy takes tokens of two issuers, whose keys have one kid.
@Suite struct SeveralIssuersTests {
    static let partner: ByteString = "https://partner.example"

    private let world = World()
    private let theirs = TokenForge(seed: 2)

    /// - Parameters:
    ///   - begins: whether it has keys at the start.
    ///   - adjust: of the partner's settings.
    private func bench(
        begins: Bool = true, _ adjust: @escaping (inout Provider) -> Void = { _ in },
        answering script: @escaping (OutboundRequest) -> FakeProvider.Answer? = { _ in nil }
    ) -> Bench {
        let theirs = self.theirs
        world.provider.script = { request in
            guard request.url.hasPrefix(Self.partner) else { return nil }
            if let answer = script(request) { return answer }
            return request.url.hasSuffix("/jwks")
                ? .json(["keys": [.object(theirs.jwk)]])
                : .json([
                    "issuer": .string(Self.partner), "jwks_uri": .string(Self.partner + "/jwks"),
                    "authorization_endpoint": .string(Self.partner + "/authorize"),
                    "token_endpoint": .string(Self.partner + "/token"),
                ])
        }
        return Bench(world, begins: begins) { configuration in
            guard var provider = configuration.providers["idp"] else { return }
            (provider.name, provider.issuer) = ("partner", Self.partner)
            provider.sessions?.cookieName = "__Host-partner"
            adjust(&provider)
            configuration.providers["partner"] = provider
            configuration.policies["api"]?.providers = ["idp", "partner"]
        }
    }

    private func token(
        _ forge: TokenForge, of issuer: ByteString,
        _ adjust: (inout JSONObject) -> Void = { _ in }
    ) -> ByteString {
        world.provider.forge = forge
        return world.provider.apiToken {
            $0["iss"] = .string(issuer)
            adjust(&$0)
        }
    }

    @Test("SIG-10 KEY-13 The token's iss picks whose keys count, and no other key ever does")
    func pick() throws {
        let bench = bench()
        let mine = TokenForge()
        let own = FakeProvider.issuer
        for _ in 0..<2 {
            #expect(try BearerTests.ask(token(mine, of: own), bench).reason == .ok)
            #expect(try BearerTests.ask(token(theirs, of: Self.partner), bench).reason == .ok)
        }
        for (forge, issuer) in [(mine, Self.partner), (theirs, own)] {
            let decision = try BearerTests.ask(token(forge, of: issuer), bench)
            #expect(decision.reason == Reason(.badSignature))
        }
        let sent = bench.sent.count
        let unknown: [ByteString] = [
            "https://evil.example", Self.partner + "/", "HTTPS://partner.example", "",
        ]
        for issuer in unknown {
            let decision = try BearerTests.ask(token(theirs, of: issuer), bench)
            #expect(decision.reason == Reason(.wrongIssuer))
        }
        #expect(bench.sent.count == sent, "no unknown issuer causes a request")
    }

    @Test("SIG-10 Without keys, too, an unknown issuer's token is refused, and nobody asked")
    func unknownWithoutKeys() throws {
        let bench = bench(begins: false)
        let decision = try BearerTests.ask(token(theirs, of: "https://evil.example"), bench)
        #expect(decision.reason == Reason(.wrongIssuer))
        #expect(bench.sent.isEmpty)
        #expect(try BearerTests.ask(token(theirs, of: Self.partner), bench).reason == .ok)
        #expect(bench.sent.allSatisfy { $0.url.hasPrefix(Self.partner) } && !bench.sent.isEmpty)
    }

    @Test("ALG-06 CLM-02 CLM-07 Algorithms, audiences and leeway are each issuer's own")
    func rules() throws {
        let bench = bench {
            $0.tokens.accessAlgorithms = [.ed25519]
            $0.tokens.audiences = ["urn:theirs"]
            $0.tokens.leeway = 0
        }
        func reason(
            _ issuer: ByteString, _ adjust: (inout JSONObject) -> Void
        ) throws -> Reason {
            let forge = issuer == Self.partner ? theirs : TokenForge()
            return try BearerTests.ask(token(forge, of: issuer, adjust), bench).reason
        }
        let (own, wall) = (FakeProvider.issuer, world.wall)
        #expect(try reason(own) { _ in } == .ok)
        #expect(try reason(own) { $0["aud"] = "urn:theirs" } == Reason(.wrongAudience))
        #expect(try reason(own) { $0["exp"] = .integer(wall - 30) } == .ok)
        #expect(try reason(Self.partner) { $0["aud"] = "urn:theirs" } == .ok)
        #expect(try reason(Self.partner) { _ in } == Reason(.wrongAudience))
        let expired = try reason(Self.partner) {
            ($0["aud"], $0["exp"]) = ("urn:theirs", .integer(wall - 30))
        }
        #expect(expired == Reason(.expired))
        let strict = self.bench { $0.tokens.accessAlgorithms = [.rs256] }
        let refused = try BearerTests.ask(token(theirs, of: Self.partner), strict)
        #expect(refused.reason == Reason(.algorithmNotAllowed))
    }

    @Test("MET-09 An issuer that hangs, or is down, neither slows nor fails another")
    func sick() throws {
        for answer in [FakeProvider.Answer.held, .refusedConnection] {
            let bench = bench(answering: { _ in answer })
            #expect(try BearerTests.ask(token(TokenForge(), of: FakeProvider.issuer), bench)
                .reason == .ok)
            let id = bench.start(
                .api(("Authorization", "Bearer " + token(theirs, of: Self.partner))))
            if case .held = answer { #expect(bench.decisions[id] == nil) }
            world.pass(seconds: 6)
            #expect(bench.decisions[id]?.reason == .keysUnavailable)
            #expect(try BearerTests.ask(token(TokenForge(), of: FakeProvider.issuer), bench)
                .reason == .ok)
            world.provider.script = { _ in nil }
        }
    }

    @Test("CLM-18 A remembered token falls with its own issuer's keys, not with another's",
        arguments: [
        (FakeProvider.Answer.json(["keys": [.object(TokenForge(seed: 3).jwk)]]),
            Reason(.badSignature)),
        (.refusedConnection, .keysUnavailable),
    ])
    func verdicts(answer: FakeProvider.Answer, reason: Reason) throws {
        var isOver = false
        let bench = bench {
            ($0.tokens.keysMaximumAge, $0.tokens.keysHardLimit) = (600, 900)
        } answering: {
            isOver && $0.url.hasSuffix("/jwks") ? answer : nil
        }
        let long: (inout JSONObject) -> Void = { $0["exp"] = 1_900_000_000 }
        let mine = token(TokenForge(), of: FakeProvider.issuer, long)
        let other = token(theirs, of: Self.partner, long)
        #expect(try BearerTests.ask(mine, bench).reason == .ok)
        #expect(try BearerTests.ask(other, bench).reason == .ok)
        isOver = true
        world.pass(seconds: 901)
        #expect(try BearerTests.ask(other, bench).reason == reason)
        let jobs = bench.jobs
        #expect(try BearerTests.ask(mine, bench).reason == .ok)
        #expect(bench.jobs == jobs, "the other issuer's is still remembered")
    }

    @Test("COK-13 The cookies of every provider of the policy are kept from client and upstream")
    func cookies() throws {
        let bench = bench()
        let request = TestRequest.api(
            ("Authorization", "Bearer " + token(theirs, of: Self.partner)),
            ("Cookie", "__Host-partner=a; b=c; __Host-cloakroom=d; __Host-partner-login-x=e"))
        let decision = try #require(bench.ask(request))
        #expect(decision.upstream(request).only("cookie") == "b=c")
        let names: [ByteString] = [
            "__Host-partner", "__Host-cloakroom", "__Host-cloakroom-login-1",
        ]
        #expect(names.allSatisfy { decision.guardedCookies?.contains($0) == true })
        #expect(decision.guardedCookies?.contains("b" as ByteString) == false)
    }
}
