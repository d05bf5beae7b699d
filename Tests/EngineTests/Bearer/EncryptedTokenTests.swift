import Configuration
import Encodings
import Engine
import HTTPMessages
import JOSE
import OAuth
import Testing
import TokenForge

/// The API's provider encrypts access tokens to a key of ours.
@Suite struct EncryptedTokenTests {
    static let forge = EncryptionForge(keyID: "e1")
    static let old = EncryptionForge(keyID: "e0", kind: .rsa(bits: 2_048))

    /// - Parameter isRequired: tokens that are signed only are refused.
    private func bench(isRequired: Bool = true) throws -> Bench {
        let keys = DecryptionKeys([
            try DecryptionKey(Self.forge.privateJWK), try DecryptionKey(Self.old.privateJWK),
        ])
        return Bench(World()) {
            $0.providers["idp"]?.tokens.decryptionKeys = keys
            $0.providers["idp"]?.tokens.requiresEncryption = isRequired
        }
    }

    private func reason(_ token: ByteString, _ bench: Bench) throws -> ByteString {
        let decision = try BearerTests.ask(token, bench)
        let request = TestRequest.api(("Authorization", "Bearer " + token))
        let explanation = bench.explain(request, decision)
        #expect(!explanation.string.contains("now it would be"), "\(explanation)")
        #expect(explanation.hasSuffix(decision.reason.word), "\(explanation)")
        return decision.reason.word
    }

    @Test("JWE-11 JWE-13 A token encrypted to the new or to the old key is good, and goes on as it came")
    func good() throws {
        let bench = try bench()
        for forge in [Self.forge, Self.old] {
            let token = forge.encrypt(bench.world.provider.apiToken())
            let decision = try BearerTests.ask(token, bench)
            #expect(decision.reason == .ok)
            #expect(decision.claims?["sub"] == "alice")
            #expect(!decision.upstreamEdits.contains { $0.name == "Authorization" })
            #expect(decision.upstreamEdits.contains(HeaderEdit("X-User", "alice")))
            #expect(try reason(token, bench) == "ok")
        }
    }

    @Test("JWE-12 A token that is signed only is refused, where the settings do not admit it")
    func signedOnly() throws {
        let strict = try bench()
        #expect(try reason(strict.world.provider.apiToken(), strict) == "token_not_encrypted")
        let lax = try bench(isRequired: false)
        #expect(try reason(lax.world.provider.apiToken(), lax) == "ok")
        #expect(try reason(Self.forge.encrypt(lax.world.provider.apiToken()), lax) == "ok")
    }

    @Test("FMT-01 Where no key is configured an encrypted token is refused without the provider")
    func noKeys() throws {
        let bench = Bench(World(), begins: false)
        let token = Self.forge.encrypt(bench.world.provider.apiToken())
        #expect(try BearerTests.ask(token, bench).reason == Reason(.malformed))
        #expect(bench.sent.isEmpty)
    }

    @Test("JWE-09 BEA-09 However it cannot be opened, client and log are told the same")
    func oneAnswer() throws {
        let bench = try bench()
        let good = Self.old.encrypt(bench.world.provider.apiToken())
        let parts = good.bytes.split(separator: 0x2E).map { ByteString($0) }
        var answers: Set<ByteString> = []
        for index in 1...4 {
            var bent = parts
            let other: UInt8 = bent[index].bytes[0] == 0x41 ? 0x42 : 0x41
            bent[index].bytes[0] = other
            let text = bent.dropFirst().reduce(bent[0]) { $0 + "." + $1 }
            let decision = try BearerTests.ask(text, bench)
            #expect(decision.status == 401)
            #expect(decision.reason == Reason(.decryptionFailed))
            answers.insert(decision.body + (decision.header("WWW-Authenticate") ?? ""))
        }
        #expect(answers.count == 1)
        let lines = Set(bench.log.map(\.text).filter { $0.string.contains("decryption") })
        #expect(lines.count == 2, "\(lines)")
    }

    @Test("HYG-05 Neither the log nor an explanation shows the token or what is in it")
    func silence() throws {
        let bench = try bench()
        let inner = bench.world.provider.apiToken()
        let token = Self.forge.encrypt(inner)
        let decision = try BearerTests.ask(token, bench)
        let request = TestRequest.api(("Authorization", "Bearer " + token))
        let shown = bench.log.map(\.text.string) + [bench.explain(request, decision).string]
        for text in shown {
            for part in inner.words(separatedBy: 0x2E) + token.words(separatedBy: 0x2E) {
                #expect(!text.contains(part.string))
            }
        }
    }

    @Test("JWE-01 FMT-12 HDR-10 HDR-11 JWE-11 JWE-13 Each mistake has its word, and the right one")
    func words() throws {
        let bench = try bench()
        let provider = bench.world.provider
        let inner = provider.apiToken()
        let claims = JSONObject(["iss": "https://idp.example", "aud": "api"]).serialized
        let stranger = EncryptionForge(keyID: "e1")
        let foreign = TokenForge(keyID: "k1", seed: 9).token(["iss": "https://idp.example"])
        let tokens: [(ByteString, ByteString)] = [
            (Self.forge.encrypt(inner, changes: .init("alg", "dir")), "algorithm_not_allowed"),
            (Self.forge.encrypt(inner, changes: .init("enc", "none")), "algorithm_not_allowed"),
            (Self.forge.encrypt(inner, changes: .init("zip", "DEF")), "token_malformed"),
            (Self.forge.encrypt(inner, changes: .init("crit", .array(["x"]))), "critical_header"),
            (Self.forge.encrypt(inner, changes: .init("kid", "e7")), "unknown_decryption_key"),
            (stranger.encrypt(inner), "decryption_failed"),
            (Self.forge.encrypt(claims), "token_not_signed"),
            (Self.forge.encrypt(inner, type: nil), "token_not_signed"),
            (Self.forge.encrypt(Self.forge.encrypt(inner)), "token_not_signed"),
            (Self.forge.encrypt(inner, changes: .init("sub", "bob")), "replicated_claim_differs"),
            (Self.forge.encrypt(inner, changes: .init("sub", "alice")), "ok"),
            (Self.forge.encrypt(foreign), "bad_signature"),
            (Self.forge.encrypt(provider.apiToken { $0["aud"] = "x" }), "wrong_audience"),
            (Self.forge.encrypt(provider.apiToken { $0["exp"] = 1 }), "token_expired"),
            (Self.forge.encrypt(provider.idToken(nonce: "n")), "token_type_missing"),
            (Self.forge.encrypt(".."), "token_malformed"),
            ("a.b.c.d.e", "token_malformed"), ("....", "token_malformed"),
        ]
        for (token, word) in tokens { #expect(try reason(token, bench) == word) }
        let large = provider.apiToken {
            $0["x"] = .string(ByteString([UInt8](repeating: 0x78, count: 7_000)))
            $0["y"] = .string(ByteString([UInt8](repeating: 0x78, count: 7_000)))
        }
        #expect(try reason(Self.forge.encrypt(large), bench) == "token_too_large")
        // None of them was a reason to ask the provider for newer keys.
        #expect(bench.count("/jwks") == 1)
    }

    @Test("KEY-14 A token within, of a key that is not there yet, is opened once and waits for it")
    func newSigningKey() throws {
        /// What it takes to admit a token whose key must be fetched.
        func jobs(_ wrap: (ByteString) -> ByteString) throws -> Int {
            let bench = try bench(isRequired: false)
            let provider = bench.world.provider
            _ = try BearerTests.ask(wrap(provider.apiToken()), bench)
            let new = TokenForge(keyID: "k2", seed: 2)
            (provider.forge, provider.keys) = (new, [TokenForge(), new])
            let before = bench.jobs
            #expect(try BearerTests.ask(wrap(provider.apiToken()), bench).reason == .ok)
            #expect(bench.count("/jwks") == 2)
            return bench.jobs - before
        }
        #expect(try jobs { Self.forge.encrypt($0) } == jobs { $0 } + 1)
    }

    // MARK: Verdicts

    @Test("CLM-18 A good encrypted token is opened once, and remembered by its whole text")
    func remembered() throws {
        let bench = try bench()
        let inner = bench.world.provider.apiToken()
        let (first, second) = (Self.forge.encrypt(inner), Self.forge.encrypt(inner))
        #expect(try BearerTests.ask(first, bench).reason == .ok)
        let jobs = bench.jobs
        #expect(try BearerTests.ask(first, bench).reason == .ok)
        #expect(bench.jobs == jobs)
        // The same token, encrypted once more, is another one.
        #expect(try BearerTests.ask(second, bench).reason == .ok)
        #expect(bench.jobs == jobs + 2)
        // What it holds is not known by itself.
        #expect(try BearerTests.ask(inner, bench).reason.word == "token_not_encrypted")
        bench.world.pass(seconds: 360)
        #expect(try BearerTests.ask(first, bench).reason.word == "token_expired")
    }

    @Test("KEY-13 JWE-13 A key that was given to one issuer opens no token of another")
    func keyOfAnotherIssuer() throws {
        let world = World()
        let keys = DecryptionKeys([try DecryptionKey(Self.forge.privateJWK)])
        let bench = Bench(world) {
            guard var partner = $0.providers["idp"] else { return }
            partner.name = "partner"
            partner.issuer = "https://partner.example"
            partner.sessions = nil
            partner.tokens.decryptionKeys = keys
            $0.providers["partner"] = partner
            $0.policies["api"]?.providers = ["idp", "partner"]
        }
        #expect(try BearerTests.ask(world.provider.apiToken(), bench).reason == .ok)
        let token = Self.forge.encrypt(world.provider.apiToken())
        #expect(try BearerTests.ask(token, bench).reason.word == "unknown_decryption_key")
    }

    @Test("An encrypted access token of a session goes to the upstream unopened")
    func session() throws {
        let bench = try bench()
        let token = Self.forge.encrypt(bench.world.provider.apiToken())
        bench.world.provider.adjustTokens = { $0["access_token"] = .string(token) }
        var browser = Browser()
        _ = try browser.signIn(bench)
        let jobs = bench.jobs
        let decision = try browser.ask(.page("/"), bench)
        #expect(decision.upstreamEdits.contains(HeaderEdit("Authorization", "Bearer " + token)))
        #expect(bench.jobs - jobs <= 1)
    }
}
