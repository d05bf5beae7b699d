import Configuration
import Encodings
import Engine
import HTTPMessages
import JOSE
import OAuth
import Testing
import TokenForge

@Suite struct BearerTests {
    static func ask(_ token: ByteString, _ bench: Bench) throws -> Decision {
        try #require(bench.ask(.api(("Authorization", "Bearer " + token))))
    }

    // MARK: Challenges

    @Test("BEA-05 BEA-14 Without credentials: 401, a challenge with realm and scope, and no error")
    func none() throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read", "write"] }
        for request in [TestRequest.api(), .api(("Authorization", "Basic abc"))] {
            let decision = try #require(bench.ask(request))
            #expect(decision.status == 401)
            #expect(decision.reason == .tokenMissing)
            #expect(
                decision.header("WWW-Authenticate")
                    == "Bearer realm=\"example\", scope=\"read write\"")
        }
    }

    @Test("BEA-06 BEA-09 A token that is refused: 401 invalid_token, whatever was wrong with it")
    func refused() throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read"] }
        let provider = bench.world.provider
        let forged = TokenForge(keyID: "k1", seed: 9).token(["iss": "https://idp.example"])
        let tokens: [(ByteString, TokenRefusal)] = [
            (provider.apiToken { $0["exp"] = 1_700_000_000 }, .expired),
            (provider.apiToken { $0["exp"] = nil }, .expiryMissing),
            (provider.apiToken { $0["aud"] = "other" }, .wrongAudience),
            (provider.apiToken { $0["iss"] = "https://evil.example" }, .wrongIssuer),
            (forged, .badSignature), (provider.idToken(nonce: "n"), .typeMissing),
            ("x", .malformed), ("a.b.c", .malformed),
        ]
        var bodies: Set<ByteString> = []
        for (token, refusal) in tokens {
            let decision = try Self.ask(token, bench)
            #expect(decision.status == 401)
            #expect(decision.reason == Reason(refusal))
            #expect(
                decision.header("WWW-Authenticate")
                    == "Bearer realm=\"example\", error=\"invalid_token\"")
            #expect(decision.header("Content-Type") == "application/problem+json")
            #expect(decision.header("Cache-Control") == "no-store")
            bodies.insert(decision.body)
            #expect(bench.hasLogged(refusal.word, .info))
        }
        #expect(bodies.count == 1)
    }

    @Test("BEA-02 BEA-03 Botched or repeated credentials: 400 invalid_request", arguments: [
        ([""], "credentials_malformed"), ([" \t"], "credentials_malformed"),
        (["Bearer"], "credentials_malformed"), (["Bearer "], "credentials_malformed"),
        (["Bearer a b"], "credentials_malformed"), (["Bearer a,b"], "credentials_malformed"),
        (["Bearer: x"], "credentials_malformed"), (["Bearer\tx"], "credentials_malformed"),
        (["Bearer \"x\""], "credentials_malformed"),
        (["Bearer x\r\nX: y"], "credentials_malformed"),
        (["Bearer a", "Bearer a"], "credentials_repeated"),
        (["Bearer a", "Basic b"], "credentials_repeated"),
    ] as [([ByteString], ByteString)])
    func malformed(lines: [ByteString], reason: ByteString) throws {
        let bench = Bench(World())
        var request = TestRequest.api()
        request.headers = lines.map { ("Authorization", $0) }
        let decision = try #require(bench.ask(request))
        #expect(decision.status == 400)
        #expect(decision.reason.word == reason)
        #expect(
            decision.header("WWW-Authenticate")
                == "Bearer realm=\"example\", error=\"invalid_request\"")
    }

    @Test(
        "BEA-02 The scheme is compared without case, and any number of spaces may follow",
        arguments: [
        "Bearer ", "bearer ", "BEARER ", "BeArEr   ",
    ] as [ByteString])
    func scheme(prefix: ByteString) throws {
        let bench = Bench(World())
        let request = TestRequest.api(("Authorization", prefix + bench.world.provider.apiToken()))
        #expect(bench.ask(request)?.outcome == .forward)
    }

    @Test(
        "BEA-01 BEA-03 A token in the query is none; beside one in the header it is refused",
        arguments: [
        "access_token=", "a=b&access_token=", "access%5Ftoken=",
    ] as [ByteString])
    func query(name: ByteString) throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        var request = TestRequest.api()
        request.target = "/v1?" + name + token
        #expect(bench.ask(request)?.reason == .tokenMissing)
        let both = try #require(bench.ask(request.with("Authorization", "Bearer " + token)))
        #expect(both.status == 400)
        #expect(both.reason == .credentialsRepeated)
        var other = request.with("Authorization", "Bearer " + token)
        other.target = "/v1?my_access_token=x&access_tokens=y&a=access_token"
        #expect(bench.ask(other)?.outcome == .forward)
    }

    @Test(
        "BEA-07 CLM-10 Too little scope: 403 insufficient_scope, with what is needed",
        arguments: [
        "read", "write", "", "readwrite", "Read write", "read\nwrite", "read,write",
    ] as [ByteString])
    func scope(text: ByteString) throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read", "write"] }
        let token = bench.world.provider.apiToken { $0["scope"] = .string(text) }
        let decision = try Self.ask(token, bench)
        #expect(decision.status == 403)
        #expect(decision.reason == .insufficientScope)
        #expect(
            decision.header("WWW-Authenticate")
                == "Bearer realm=\"example\", error=\"insufficient_scope\", scope=\"read write\"")
        // From memory the same.
        #expect(try Self.ask(token, bench).status == 403)
    }

    @Test("CLM-08 A token that lacks its type is refused, and the log says which setting admits it")
    func typeHint() throws {
        let bench = Bench(World())
        let token = bench.world.provider.forge.token(
            [
                "iss": "https://idp.example", "aud": "api", "exp": 1_900_000_000, "sub": "alice",
                "client_id": "app", "iat": 1_800_000_000, "jti": "1",
            ], type: "JWT")
        #expect(try Self.ask(token, bench).reason.word == "token_type_missing")
        #expect(bench.hasLogged("require_access_token_type off"))
        let lenient = Bench(World()) { $0.providers["idp"]?.tokens.profile.requiresType = false }
        #expect(try Self.ask(token, lenient).outcome == .forward)
    }

    @Test("CLM-09 A token that lacks a claim is refused, and the log says by which setting")
    func claimHint() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken { $0["jti"] = nil }
        #expect(try Self.ask(token, bench).reason.word == "claim_missing")
        #expect(bench.hasLogged("it lacks one of \"required_claims\""))
        let request = TestRequest.api(("Authorization", "Bearer " + token))
        #expect(bench.explain(request, bench.ask(request)).string.contains("it lacks [\"jti\"]"))
        let lenient = Bench(World()) {
            $0.providers["idp"]?.tokens.profile.requiredClaims = ["sub"]
        }
        #expect(try Self.ask(token, lenient).outcome == .forward)
    }

    @Test("BEA-13 A preflight passes to the API without a token, a plain OPTIONS does not")
    func preflight() throws {
        let bench = Bench(World())
        var request = TestRequest.api()
        request.method = "OPTIONS"
        #expect(bench.ask(request)?.status == 401)
        let preflight = request.with("Origin", "https://other.example")
            .with("Access-Control-Request-Method", "PUT")
        #expect(bench.ask(preflight)?.outcome == .forward)
        #expect(bench.ask(preflight)?.reason == .preflight)
    }

    // MARK: Verdicts

    @Test("A good token is checked once and remembered")
    func remembered() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        #expect(try Self.ask(token, bench).outcome == .forward)
        let jobs = bench.jobs
        let decision = try Self.ask(token, bench)
        #expect(decision.outcome == .forward)
        #expect(decision.claims?["sub"] == "alice")
        #expect(bench.jobs == jobs)
    }

    @Test("CLM-18 LIM-23 A verdict never outlives the token")
    func expiry() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        #expect(try Self.ask(token, bench).outcome == .forward)
        bench.world.pass(seconds: 359)
        #expect(try Self.ask(token, bench).outcome == .forward)
        bench.world.pass(seconds: 1)
        #expect(try Self.ask(token, bench).reason.word == "token_expired")
    }

    @Test("CLM-18 KEY-15 A verdict falls with the key set that gave it")
    func keyRemoved() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        #expect(try Self.ask(token, bench).outcome == .forward)
        let new = TokenForge(keyID: "k2", seed: 2)
        bench.world.provider.keys = [new]
        _ = try Self.ask(new.token(["iss": "https://idp.example"]), bench)
        #expect(bench.count("/jwks") == 2)
        #expect(try Self.ask(token, bench).reason.word == "unknown_key")
    }

    @Test("CLM-18 A verdict of one policy is none for another")
    func otherPolicy() throws {
        let bench = Bench(World()) {
            var other = $0.policies["api"]
            other?.name = "other"
            other?.audiences = ["other"]
            $0.policies["other"] = other
        }
        let token = bench.world.provider.apiToken()
        #expect(try Self.ask(token, bench).outcome == .forward)
        let request = TestRequest.api(("Authorization", "Bearer " + token)).under("other")
        #expect(bench.ask(request)?.reason.word == "wrong_audience")
    }

    @Test("CLM-18 A token with the same claims and another signature is another token")
    func otherSignature() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        #expect(try Self.ask(token, bench).outcome == .forward)
        var bytes = token.bytes
        let index = bytes.count - 10
        bytes[index] = bytes[index] == 0x41 ? 0x42 : 0x41
        #expect(try Self.ask(ByteString(bytes), bench).reason.word == "bad_signature")
    }

    // MARK: Keys

    @Test("KEY-14 KEY-15 An unknown kid fetches the keys once; tokens of old and new key are good")
    func rotation() throws {
        let bench = Bench(World())
        let old = bench.world.provider.apiToken()
        let new = TokenForge(keyID: "k2", seed: 2)
        bench.world.provider.keys = [TokenForge(), new]
        bench.world.provider.forge = new
        #expect(try Self.ask(bench.world.provider.apiToken(), bench).outcome == .forward)
        #expect(try Self.ask(old, bench).outcome == .forward)
        #expect(bench.count("/jwks") == 2)
    }

    static func strange(_ number: Int) -> ByteString {
        TokenForge(keyID: "x\(number)", seed: 3).token(["iss": "https://idp.example"])
    }

    @Test("KEY-14 HDR-07 LIM-22 A thousand random kids cause one fetch a minute, and harm no good token")
    func flood() throws {
        let bench = Bench(World())
        let good = bench.world.provider.apiToken()
        for number in 0..<1_000 {
            #expect(try Self.ask(Self.strange(number), bench).reason.word == "unknown_key")
        }
        #expect(try Self.ask(good, bench).outcome == .forward)
        #expect(bench.count("/jwks") == 2)
        for (seconds, fetches) in [(59, 2), (1, 3)] as [(Int64, Int)] {
            bench.world.pass(seconds: seconds)
            for number in 0..<10 { _ = try Self.ask(Self.strange(number), bench) }
            #expect(bench.count("/jwks") == fetches)
        }
    }

    @Test("HYG-06 A hundred refusals of a second are logged, the others counted in one line")
    func logFlood() throws {
        let bench = Bench(World())
        func flood(_ count: Int) throws -> Int {
            let before = bench.log.count { $0.level == .info }
            for _ in 0..<count { _ = try Self.ask("bad.token", bench) }
            return bench.log.count { $0.level == .info } - before
        }
        #expect(try flood(100) == 100)
        #expect(try flood(10_000) == 0)
        #expect(!bench.hasLogged("too many to log each"))
        bench.world.pass(seconds: 1)
        #expect(try flood(1) == 1)
        #expect(bench.hasLogged("10000 more bearer tokens were refused", .warning))
        #expect(try flood(101) == 99)
        #expect(bench.log.count { $0.text.string.contains("too many") } == 1)
    }

    @Test("KEY-14 Tokens with unknown kids that come together wait for one fetch")
    func together() throws {
        let bench = Bench(World())
        bench.world.provider.script = {
            $0.url.hasSuffix("/openid-configuration") || $0.url.hasSuffix("/jwks") ? .held : nil
        }
        let ids = (0..<20).map {
            bench.start(.api(("Authorization", "Bearer " + Self.strange($0))))
        }
        #expect(bench.heldCount == 1)
        bench.world.provider.script = { _ in nil }
        bench.release()
        for id in ids { #expect(bench.decisions[id]?.reason.word == "unknown_key") }
        #expect(bench.count("/jwks") == 2)
    }

    @Test("SIG-10 MET-07 HDR-06 A forged iss, or a jku, causes no request at all")
    func noOutbound() throws {
        let bench = Bench(World())
        let before = bench.sent.count
        let forge = TokenForge(keyID: "x", seed: 3)
        _ = try Self.ask(forge.token(["iss": "https://evil.example"]), bench)
        let header: JSONObject = [
            "alg": "Ed25519", "typ": "at+jwt", "kid": "k1", "jku": "https://evil.example/jwks",
            "jwk": .object(forge.jwk),
        ]
        let claims: JSONObject = ["iss": "https://idp.example", "aud": "api", "exp": 1_900_000_000]
        let token = forge.token(header: header, payload: claims.serialized)
        #expect(try Self.ask(token, bench).reason.word == "bad_signature")
        #expect(bench.sent.count == before)
    }

    @Test("BEA-12 Keys that cannot be had: 503 with Retry-After, never 401, never a way in")
    func unavailable() throws {
        let world = World()
        world.provider.script = { _ in .refusedConnection }
        let bench = Bench(world)
        let decision = try Self.ask(world.provider.apiToken(), bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .keysUnavailable)
        #expect(decision.header("Retry-After") == "2")
        #expect(decision.header("WWW-Authenticate") == nil)
        world.provider.script = { _ in nil }
        world.pass(seconds: 1)
        #expect(try Self.ask(world.provider.apiToken(), bench).outcome == .forward)
    }

    @Test("FMT-13 An opaque token is refused without the provider")
    func opaque() throws {
        let world = World()
        world.provider.script = { _ in .refusedConnection }
        let bench = Bench(world)
        #expect(try Self.ask("abcdef", bench).reason.word == "token_malformed")
    }

    @Test("BEA-12 An unknown kid while the keys cannot be fetched anew: 503, not 401")
    func unknownKeyInAnOutage() throws {
        let bench = Bench(World())
        bench.world.provider.script = { _ in .refusedConnection }
        #expect(try Self.ask(Self.strange(1), bench).reason == .keysUnavailable)
    }

    @Test("BEA-12 A request waits for a slow provider as long as it may")
    func slow() throws {
        let world = World()
        world.provider.script = { _ in .held }
        let bench = Bench(world)
        let id = bench.start(.api(("Authorization", "Bearer " + world.provider.apiToken())))
        #expect(bench.decisions[id] == nil)
        world.pass(seconds: 5)
        #expect(bench.decisions[id]?.reason == .keysUnavailable)
    }
}
