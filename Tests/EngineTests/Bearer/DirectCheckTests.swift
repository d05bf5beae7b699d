import Configuration
import Cryptography
import Encodings
import Engine
import HTTPMessages
import JOSE
import OAuth
import Testing
import TokenForge

/// The bench compares what is proven with the full look's answer, for every request of every test.
@Suite("A plain token is checked at once; the answer is that of the full look")
struct DirectCheckTests {
    private let bench = Bench(World())

    private func request(_ token: ByteString, under policy: ByteString = "api") -> TestRequest {
        TestRequest.api(("Authorization", "Bearer " + token)).under(policy)
    }

    @Test("A good token is proven, with its claims, under policies with claim headers or without")
    func proven() throws {
        let plain = Bench(World()) { $0.policies["api"]?.claimHeaders = [] }
        for bench in [bench, plain] {
            let token = bench.world.provider.apiToken {
                $0["name"] = "J\u{FC}rgen"
                $0["realm_access"] = .object(["roles": ["user"]])
            }
            let answer = try #require(bench.prove(request(token)))
            #expect(answer.decision.outcome == .forward)
            #expect(answer.claims?["name"] == "J\u{FC}rgen")
            #expect(answer.claims?["jti"] == "1")
            #expect(bench.ask(request(token))?.outcome == .forward)
        }
    }

    @Test("CLM-18 What was proven is recalled, by equal requests and by the full look")
    func remembered() throws {
        let plain = Bench(World()) { $0.policies["api"]?.claimHeaders = [] }
        for bench in [bench, plain] {
            let request = request(bench.world.provider.apiToken())
            bench.core.remember(try #require(bench.proof(request)))
            #expect(bench.recall(request)?.0.claims?["sub"] == "alice")
            let jobs = bench.jobs
            // Cookies take the full look.
            let other = request.with("Cookie", "__Host-cloakroom=x; a=b")
            #expect(bench.ask(request)?.claims?["sub"] == "alice")
            #expect(bench.ask(other)?.claims?["sub"] == "alice")
            #expect(bench.jobs == jobs)
            bench.world.pass(seconds: 360)
            #expect(bench.recall(request) == nil)
            #expect(bench.ask(request)?.reason.word == "token_expired")
        }
    }

    @Test("CLM-18 KEY-15 What was proven with keys that are old by then is not remembered")
    func newKeys() throws {
        let token = bench.world.provider.apiToken()
        let proof = try #require(bench.proof(request(token)))
        let new = TokenForge(keyID: "k2", seed: 2)
        bench.world.provider.keys = [new]
        bench.world.provider.forge = new
        #expect(bench.ask(request(bench.world.provider.apiToken()))?.outcome == .forward)
        bench.core.remember(proof)
        #expect(bench.recall(request(token)) == nil)
        #expect(bench.prove(request(token)) == nil)
        #expect(bench.ask(request(token))?.reason.word == "unknown_key")
    }

    @Test("KEY-16 Nothing is proven with keys that have ended")
    func deadKeys() {
        let request = request(bench.world.provider.apiToken { $0["exp"] = 1_999_999_999 })
        #expect(bench.prove(request) != nil)
        bench.world.provider.script = { _ in .refusedConnection }
        bench.world.pass(seconds: 86_401)
        #expect(bench.prove(request) == nil)
        #expect(bench.ask(request)?.reason == .keysUnavailable)
    }

    @Test("CLM-01 CLM-02 CLM-03 CLM-05 POP-01 SIG-09 What the full look refuses is never proven")
    func refused() {
        let provider = bench.world.provider
        let strange = TokenForge(keyID: "k1", seed: 9)
        for (token, word) in [
            (provider.apiToken { $0["exp"] = 1_700_000_000 }, "token_expired"),
            (provider.apiToken { $0["exp"] = nil }, "token_expiry_missing"),
            (provider.apiToken { $0["exp"] = "soon" }, "malformed_claim"),
            (provider.apiToken { $0["nbf"] = 1_999_999_999 }, "token_not_yet_valid"),
            (provider.apiToken { $0["aud"] = "other" }, "wrong_audience"),
            (provider.apiToken { $0["aud"] = ["other", "Api"] }, "wrong_audience"),
            (provider.apiToken { $0["iss"] = "https://evil.example" }, "wrong_issuer"),
            (provider.apiToken { $0["cnf"] = .object(["jkt": "x"]) }, "token_sender_constrained"),
            (provider.apiToken { $0["sub"] = 1 }, "malformed_claim"),
            (provider.apiToken { $0["iat"] = "x" }, "malformed_claim"),
            (strange.token(["iss": .string(FakeProvider.issuer), "aud": "api",
                            "exp": 1_999_999_999]), "bad_signature"),
            (provider.idToken(nonce: "n"), "token_type_missing"),
        ] as [(ByteString, ByteString)] {
            #expect(bench.prove(request(token)) == nil)
            #expect(bench.ask(request(token))?.reason.word == word)
        }
    }

    @Test("SIG-09 A forged token that takes the full look, too, costs one check of its signature")
    func refusedOnce() {
        func checks() -> Int { VerifyingLane.borrow { $0.checkCount } }
        let good = bench.world.provider.apiToken()
        #expect(bench.ask(request(good))?.outcome == .forward)
        let forged = ByteString(good.bytes.dropLast(8)) + "AAAAAAAA"
        for _ in 0..<3 {
            let before = checks()
            #expect(bench.ask(request(forged))?.reason.word == "bad_signature")
            #expect(checks() == before + 1)
        }
    }

    @Test("SIG-09 Not one changed character of a good token is proven")
    func bent() {
        let good = bench.world.provider.apiToken()
        for index in good.bytes.indices {
            var bent = good
            bent.bytes[index] = bent.bytes[index] == 0x41 ? 0x42 : 0x41
            if bent != good { #expect(bench.prove(request(bent)) == nil) }
            #expect(bench.prove(request(ByteString(good.bytes[..<index]))) == nil)
        }
        for text in [good + ".", good + "A", "A" + good, " " + good, good + "=", good + "." + good] {
            #expect(bench.prove(request(text)) == nil)
            _ = bench.ask(request(text))
        }
    }

    @Test("BEA-03 BEA-13 COK-14 What is unusual about a request takes the full look")
    func unusual() {
        let token = bench.world.provider.apiToken()
        let good = request(token)
        var (options, query) = (good, good)
        options.method = "OPTIONS"
        query.target = "/v1?access_token=x"
        for other in [
            query, good.with("Authorization", "Bearer " + token), good.with("Cookie", "a=b"),
            options.with("Origin", "https://x.example").with("Access-Control-Request-Method", "PUT"),
        ] {
            #expect(bench.prove(other) == nil)
            _ = bench.ask(other)
        }
    }

    @Test("HDR-02 JSN-04 What is unusual about a token takes the full look, which may admit it")
    func escaped() {
        let forge = bench.world.provider.forge
        let claims = #"{"iss":"https:\/\/idp.example","aud":"\u0061pi","exp":1999999999,"#
            + #""iat":1,"sub":"u","client_id":"c","jti":"j"}"#
        let header: JSONObject = ["alg": "Ed25519", "kid": "k1", "typ": "at+jwt"]
        let token = forge.token(header: header, payload: ByteString(claims))
        #expect(bench.prove(request(token)) == nil)
        #expect(bench.ask(request(token))?.outcome == .forward)
        let odd = forge.token(
            headerText: #"{"alg":"Ed25519","kid":"\u006b1","typ":"AT+JWT"}"#,
            payload: ByteString(claims))
        #expect(bench.prove(request(odd)) == nil)
        #expect(bench.ask(request(odd))?.outcome == .forward)
    }

    @Test("CLM-10 UPS-04 Scopes and claim headers decide as in the full look")
    func policy() {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read", "write"] }
        let provider = bench.world.provider
        #expect(bench.prove(request(provider.apiToken())) != nil)
        for scope: JSONValue? in ["read", "readwrite", "read writes", "", nil, ["read", "write"]] {
            let token = request(provider.apiToken { $0["scope"] = scope })
            #expect(bench.prove(token) == nil)
            _ = bench.ask(token)
        }
        let long = ByteString([UInt8](repeating: 0x61, count: 5_000))
        let unfit = request(provider.apiToken { $0["name"] = .string(long) })
        #expect(bench.prove(unfit) == nil)
        #expect(bench.ask(unfit)?.reason == .claimUnfit)
    }

    @Test("A proven answer is explained as the full look's would be")
    func explained() throws {
        let request = request(bench.world.provider.apiToken())
        let answer = try #require(bench.prove(request))
        let subject = try #require(answer.subject)
        let surroundings = bench.core.surroundings(of: subject, bench.world.now)
        let text = Explanation.text(of: subject, surroundings, answer.decision).string
        #expect(text.contains("signature good"))
        #expect(text.hasSuffix("forwarded ok"))
        let arrival = Arrival(request.head, bench.core.configuration, stamps: bench.stamps)
        let full = Explanation.text(
            of: arrival.subject, bench.core.surroundings(of: arrival.subject, bench.world.now),
            bench.ask(request))
        #expect(text == full.string)
    }
}
