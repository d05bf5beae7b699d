import Encodings
import Engine
import Testing
import TokenForge

/// Whoever tries cookies or tokens learns nothing from how they are refused.
@Suite("No oracle")
struct NoOracleTests {
    private static func shown(_ decision: Decision) -> [ByteString] {
        [ByteString("\(decision.status ?? 0)"), decision.body]
            + decision.clientHeaders.map { $0.name + ": " + $0.value }
    }

    @Test("HYG-08 Unknown, ended, malformed and foreign cookies get one answer", arguments: [
        TestRequest.script("GET", "/api"), TestRequest.page("/api"),
        TestRequest.script("GET", "/auth/session"),
    ])
    func sessions(request: TestRequest) throws {
        let bench = Bench(World())
        var loggedOut = try Browser.signedIn(bench)
        let expired = try Browser.signedIn(bench)
        let ended = try #require(loggedOut.session)
        #expect(try loggedOut.ask(.script("POST", "/auth/logout"), bench).reason == .loggedOut)
        bench.world.pass(seconds: 36_001)
        var answers: [[ByteString]] = []
        let valid = try #require(expired.session)
        let unknown = ByteString([UInt8](repeating: 0x41, count: valid.count))
        for cookie: ByteString in [valid, ended, unknown, "x", ""] {
            let decision = bench.ask(request.cookie("__Host-cloakroom=" + cookie))
            answers.append(Self.shown(try #require(decision)))
        }
        #expect(Set(answers).count == 1, "\(answers)")
    }

    @Test("HYG-08 BEA-09 Unknown key, bad signature and another issuer get one answer")
    func tokens() throws {
        let bench = Bench(World())
        let claims: JSONObject = [
            "iss": .string(FakeProvider.issuer), "aud": "api", "exp": 1_900_000_000,
        ]
        var other = claims
        other["iss"] = "https://evil.example"
        var answers: Set<[ByteString]> = []
        for token in [
            TokenForge(keyID: "x", seed: 2).token(claims), TokenForge(seed: 2).token(claims),
            TokenForge().token(other), "a.b.c",
        ] {
            answers.insert(Self.shown(try BearerTests.ask(token, bench)))
        }
        #expect(answers.count == 1)
    }
}
