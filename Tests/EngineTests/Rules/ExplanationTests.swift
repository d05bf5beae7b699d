import Encodings
import Engine
import HTTPMessages
import Testing
import TokenForge

/// What an explanation tells is shown by Tests/Transcripts; here is what none of them can show.
@Suite("Explanations")
struct ExplanationTests {
    @Test("While there is no decision, that is said")
    func undecided() {
        let text = Bench(World()).explain(.api(), nil)
        #expect(text.hasSuffix("; not decided yet"))
    }

    @Test("A chain that would end otherwise now says so, and how it was decided")
    func later() throws {
        let bench = Bench(World())
        let request = TestRequest.api(
            ("Authorization", "Bearer " + bench.world.provider.apiToken()))
        let decision = try #require(bench.ask(request))
        #expect(bench.explain(request, decision).hasSuffix("aud good: forwarded ok"))
        bench.world.pass(seconds: 360)
        #expect(
            bench.explain(request, decision).hasSuffix(
                "exp 60 s ago, leeway 60 s; now it would be token_expired; it was: forwarded ok"))
    }

    @Test("HYG-06 What others wrote stays short, in one line, and cannot pass for our words")
    func hostile() throws {
        let bench = Bench(World())
        let long = ByteString(String(repeating: "x", count: 500))
        let texts: [ByteString] = ["\n", "\": forwarded ok\u{0}", "ä\u{1B}[31m", long]
        for text in texts {
            let header: JSONObject = [
                "alg": "Ed25519", "kid": .string(text), "typ": .string("at+jwt"),
            ]
            let claims: JSONObject = [
                "iss": .string(FakeProvider.issuer), "exp": 1_900_000_000,
                "aud": .array([JSONValue](repeating: .string(text), count: 6)),
            ]
            let own: JSONObject = ["alg": "Ed25519", "kid": "k1", "typ": "at+jwt"]
            for header in [header, own] {
                let token = TokenForge().token(header: header, payload: claims.serialized)
                let request = TestRequest.api(("Authorization", "Bearer " + token))
                let decision = try #require(bench.ask(request))
                let explanation = bench.explain(request, decision)
                #expect(explanation.count < 1_000)
                #expect(explanation.bytes.allSatisfy { (0x20..<0x7F).contains($0) })
                #expect(!explanation.string.contains("\": forwarded ok"))
                #expect(explanation.hasSuffix(": refused 401 " + decision.reason.word))
            }
        }
    }
}

extension Bench {
    func explain(_ request: TestRequest, _ decision: Decision?) -> ByteString {
        let arrival = Arrival(request.head, core.configuration, stamps: world.store.board)
        var core = core
        let surroundings = core.surroundings(of: arrival.subject, world.now)
        return Explanation.text(of: arrival.subject, surroundings, decision)
    }
}
