import Encodings
import Engine
import HTTPMessages
import Testing

/// What claims come to, on their way from a token to host and upstream.
@Suite struct ClaimTests {
    @Test("CLM-14 Who somebody is can be told: issuer, subject and client come together")
    func identity() throws {
        let bench = Bench(World()) {
            $0.policies["api"]?.claimHeaders += [
                .init(name: "X-Issuer", claim: "iss"), .init(name: "X-Client", claim: "client_id"),
            ]
        }
        // A client of its own accord, by the name of a user.
        let token = bench.world.provider.apiToken { $0["client_id"] = "alice" }
        for (token, client) in [(token, "alice"), (bench.world.provider.apiToken(), "app")]
            as [(ByteString, ByteString)]
        {
            let request = TestRequest.api(("Authorization", "Bearer " + token))
                .with("X-Issuer", "https://evil.example").with("X-Client", "app")
            let decision = try #require(bench.ask(request))
            let upstream = decision.upstream(request)
            #expect(upstream.only("x-issuer") == FakeProvider.issuer)
            #expect(upstream.only("x-user") == "alice")
            #expect(upstream.only("x-client") == client)
            #expect(decision.claims?["iss"] == .string(FakeProvider.issuer))
            #expect(decision.claims?["client_id"] == .string(client))
        }
    }

    @Test("CLM-15 Rules on claims are exact in type and value", arguments: [
        ("scope", "admin", "ok"), ("scope", "x admin", "ok"),
        ("scope", "administrator", "insufficient_scope"), ("scope", "Admin", "insufficient_scope"),
        ("scope", "admin\tx", "insufficient_scope"), ("scope", "\"admin\"", "insufficient_scope"),
        ("scope", "", "insufficient_scope"), ("scope", nil, "insufficient_scope"),
        ("scope", ["admin"], "malformed_claim"), ("scope", true, "malformed_claim"),
        ("scope", .object(["admin": true]), "malformed_claim"), ("scope", 1, "malformed_claim"),
        ("aud", ["x", "api"], "ok"), ("aud", "apis", "wrong_audience"),
        ("aud", "API", "wrong_audience"), ("aud", "api x", "wrong_audience"),
        ("aud", true, "wrong_audience"), ("aud", .object(["api": true]), "wrong_audience"),
        ("aud", [["api"]], "wrong_audience"),
    ] as [(ByteString, JSONValue?, ByteString)])
    func exact(name: ByteString, value: JSONValue?, reason: ByteString) throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["admin"] }
        let token = bench.world.provider.apiToken {
            $0["scope"] = "admin"
            $0[name] = value
        }
        #expect(try BearerTests.ask(token, bench).reason.word == reason)
    }

    @Test("CLM-16 Claims are escaped wherever they go", arguments: [
        "a\r\nX-Admin: 1", "\u{1B}[31mred", "\u{7F}", "ü✓", "<script>alert(1)</script>", "a\",\"b",
    ] as [ByteString])
    func escaped(text: ByteString) throws {
        let bench = Bench(World())
        // Good, and refused for its audience, its scope and its kid.
        for (name, value) in [
            ("sub", text), ("aud", text), ("iss", text), ("scope", text), ("jti", text),
        ] as [(ByteString, ByteString)] {
            let token = bench.world.provider.apiToken { $0[name] = .string(value) }
            let request = TestRequest.api(("Authorization", "Bearer " + token))
            let decision = try #require(bench.ask(request))
            for edit in decision.upstreamEdits {
                #expect((edit.value?.bytes ?? []).allSatisfy { (0x20..<0x7F).contains($0) })
            }
            for field in decision.clientHeaders {
                #expect(field.value.bytes.allSatisfy { (0x20..<0x7F).contains($0) })
            }
            #expect(!decision.body.string.contains(text.string))
            let explanation = bench.explain(request, decision)
            #expect(explanation.bytes.allSatisfy { (0x20..<0x7F).contains($0) })
        }
        for line in bench.log { #expect(line.text.bytes.allSatisfy { (0x20..<0x7F).contains($0) }) }
    }
}
