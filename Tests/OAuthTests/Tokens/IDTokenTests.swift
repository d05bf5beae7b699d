import Cryptography
import Encodings
import JOSE
import OAuth
import Testing
import TokenForge

private let forge = TokenForge()
private let now: Int64 = 1_790_000_000
private let accessToken: ByteString = "the.access.token"
private let good: JSONObject = [
    "iss": "https://idp.example", "aud": "client", "sub": "u1", "iat": .integer(now - 1),
    "exp": .integer(now + 60), "nonce": "n1", "sid": "s1", "auth_time": .integer(now - 5),
]

private let rules = IDTokenRules(issuer: "https://idp.example", clientID: "client", leeway: 10)

private func check(
    _ claims: JSONObject, type: ByteString? = nil
) throws(TokenRefusal) -> IDToken {
    guard let keys = try? KeySet.parse(forge.jwks) else { throw .unknownKey }
    return try rules.check(
        forge.token(claims, type: type), keys: keys, now: now, nonce: "n1",
        accessToken: accessToken)
}

private func refresh(
    _ claims: JSONObject, subject: ByteString = "u1", authTime: Int64? = now - 5
) throws(TokenRefusal) -> IDToken {
    guard let keys = try? KeySet.parse(forge.jwks) else { throw .unknownKey }
    return try rules.checkRefreshed(
        forge.token(claims, type: nil), keys: keys, now: now, accessToken: accessToken,
        subject: subject, authTime: authTime, nonce: "n1")
}

private func with(_ name: ByteString, _ value: JSONValue?) -> JSONObject {
    var claims = good
    claims[name] = value
    return claims
}

@Suite("ID tokens")
struct IDTokenTests {
    @Test("A good ID token says who signed in")
    func accepts() throws {
        let token = try check(good)
        #expect(token.subject == "u1")
        #expect(token.providerSessionID == "s1")
        #expect(token.authTime == now - 5)
        #expect(try check(with("sid", nil)).providerSessionID == nil)
        #expect(try check(with("auth_time", nil), type: "JWT").authTime == nil)
        #expect(try check(with("auth_time", 0)).authTime == nil)
    }

    @Test("IDT-10 Where the user must have signed in lately, auth_time says so or the login ends", arguments: [
        (-5, 0, true), (-15, 0, true), (-16, 0, false), (-75, 60, true), (-76, 60, false),
        (nil, 60, false), (nil, 999_999_999, false), (5, 0, true),
    ] as [(Int64?, Int64, Bool)])
    func authenticationAge(time: Int64?, maximum: Int64, isGood: Bool) throws {
        var strict = rules
        // The login began five seconds ago; the leeway is ten.
        strict.authenticatedSince = now - 5 - maximum
        let claims = with("auth_time", time.map { .integer(now + $0) })
        func check() throws(TokenRefusal) {
            guard let keys = try? KeySet.parse(forge.jwks) else { throw .unknownKey }
            _ = try strict.check(
                forge.token(claims, type: nil), keys: keys, now: now, nonce: "n1", accessToken: nil)
        }
        if isGood {
            try check()
        } else {
            #expect(throws: TokenRefusal.authenticationTooOld) { try check() }
        }
    }

    @Test("IDT-02 A signature of somebody else, or none, is refused")
    func signature() throws {
        let keys = try KeySet.parse(forge.jwks)
        let forged = TokenForge(keyID: "k1", seed: 9).token(good, type: nil)
        let unsigned = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + "."
            + Base64URL.encode(good.serialized.bytes) + "."
        for (token, refusal) in [
            (forged, TokenRefusal.badSignature), (unsigned, .malformed),
            (unsigned + "AA", .algorithmNotAllowed),
        ] {
            #expect(throws: refusal) {
                try rules.check(token, keys: keys, now: now, nonce: "n1", accessToken: nil)
            }
        }
    }

    @Test("ALG-07 ID tokens have their own list of algorithms")
    func algorithms() throws {
        var narrow = rules
        narrow.algorithms = [.rs256]
        let keys = try KeySet.parse(forge.jwks)
        #expect(throws: TokenRefusal.algorithmNotAllowed) {
            try narrow.check(
                forge.token(good, type: nil), keys: keys, now: now, nonce: "n1", accessToken: nil)
        }
    }

    @Test("IDT-03 The issuer matches byte for byte", arguments: [
        "https://idp.example/", "https://evil.example", nil, ["https://idp.example"],
    ] as [JSONValue?])
    func issuer(value: JSONValue?) {
        #expect(throws: TokenRefusal.wrongIssuer) { try check(with("iss", value)) }
    }

    @Test("IDT-04 The audience is us and nobody else", arguments: [
        nil, "other", [], ["client", "other"], "Client", ["client", 1], 1,
    ] as [JSONValue?])
    func audience(value: JSONValue?) {
        #expect(throws: TokenRefusal.wrongAudience) { try check(with("aud", value)) }
    }

    @Test("IDT-05 An authorized party is us")
    func authorizedParty() throws {
        _ = try check(with("azp", "client"))
        _ = try check(with("aud", ["client"]))
        #expect(throws: TokenRefusal.wrongAuthorizedParty) { try check(with("azp", "other")) }
        #expect(throws: TokenRefusal.malformedClaim) { try check(with("azp", 1)) }
    }

    @Test("IDT-06 It has not expired, and was made just now", arguments: [
        ("exp", nil, TokenRefusal.expiryMissing), ("exp", .integer(now - 10), .expired),
        ("exp", "1790000060", .malformedClaim), ("iat", nil, .issueTimeMissing),
        ("iat", "1790000000", .malformedClaim), ("iat", .integer(now + 11), .issueTimeImplausible),
        ("iat", .integer(now - 600), .issueTimeImplausible),
        ("nbf", .integer(now + 11), .notYetValid),
    ] as [(ByteString, JSONValue?, TokenRefusal)])
    func times(name: ByteString, value: JSONValue?, refusal: TokenRefusal) {
        #expect(throws: refusal) { try check(with(name, value)) }
    }

    @Test("IDT-07 A subject is 1 to 255 printable ASCII characters", arguments: [
        (nil, TokenRefusal.subjectMissing), ("", .subjectMissing), (5, .malformedClaim),
        ("u\n1", .malformedClaim), ("ü", .malformedClaim),
        (.string(ByteString([UInt8](repeating: 0x61, count: 256))), .malformedClaim),
    ] as [(JSONValue?, TokenRefusal)])
    func subject(value: JSONValue?, refusal: TokenRefusal) throws {
        #expect(throws: refusal) { try check(with("sub", value)) }
        _ = try check(with("sub", .string(ByteString([UInt8](repeating: 0x61, count: 255)))))
    }

    @Test("IDT-08 The nonce is that of the attempt", arguments: [
        (nil, TokenRefusal.wrongNonce), ("n2", .wrongNonce), ("", .wrongNonce), ("N1", .wrongNonce),
        (1, .malformedClaim),
    ] as [(JSONValue?, TokenRefusal)])
    func nonce(value: JSONValue?, refusal: TokenRefusal) {
        #expect(throws: refusal) { try check(with("nonce", value)) }
    }

    @Test("IDT-09 at_hash, where present, is the left half of the access token's digest")
    func accessTokenHash() throws {
        // Of Ed25519: SHA-512.
        let half = Array(Digest.sha512(accessToken.bytes).prefix(32))
        _ = try check(with("at_hash", .string(Base64URL.encode(half))))
        let other = Array(Digest.sha256(accessToken.bytes).prefix(16))
        for value: JSONValue in [.string(Base64URL.encode(other)), "", "AAAA"] {
            #expect(throws: TokenRefusal.wrongAccessToken) { try check(with("at_hash", value)) }
        }
        #expect(throws: TokenRefusal.malformedClaim) { try check(with("at_hash", 1)) }
    }

    @Test("IDT-09 ALG-08 at_hash of Ed448 is the left half of 114 bytes of SHAKE256, by either name")
    func accessTokenHashOfEd448() throws {
        let forge = TokenForge(keyID: "k1", seed: 4, curve: .ed448)
        let keys = try KeySet.parse(forge.jwks)
        let rules = IDTokenRules(issuer: "https://idp.example", clientID: "client")
        for (digest, isGood) in [
            (Digest.shake256(accessToken.bytes, count: 114), true),
            (Digest.sha384(accessToken.bytes), false),
            (Digest.sha512(accessToken.bytes), false),
        ] {
            let half = Base64URL.encode(Array(digest.prefix(digest.count / 2)))
            let token = forge.token(with("at_hash", .string(half)), type: nil)
            let isRefused = (try? rules.check(
                token, keys: keys, now: now, nonce: "n1", accessToken: accessToken)) == nil
            #expect(isRefused == !isGood)
        }
    }

    @Test("IDT-11 HDR-09 No other kind of token is an ID token", arguments: [
        "at+jwt", "logout+jwt", "dpop+jwt", "token-introspection+jwt", "",
    ] as [ByteString])
    func otherKinds(type: ByteString) {
        #expect(throws: TokenRefusal.wrongType) { try check(good, type: type) }
    }

    @Test("IDT-11 A logout token without a type is no ID token")
    func logoutToken() {
        let events: JSONValue = .object([
            "http://schemas.openid.net/event/backchannel-logout": .object([:])
        ])
        #expect(throws: TokenRefusal.notAnIDToken) { try check(with("events", events)) }
    }

    @Test("Claims of the wrong type are refused", arguments: [
        ("sid", 1), ("auth_time", "1"), ("auth_time", .null),
    ] as [(ByteString, JSONValue)])
    func types(name: ByteString, value: JSONValue) {
        #expect(throws: TokenRefusal.malformedClaim) { try check(with(name, value)) }
    }

    @Test("REF-08 A refreshed ID token needs no nonce, and may be of any age")
    func refreshed() throws {
        #expect(try refresh(with("nonce", nil)).subject == "u1")
        _ = try refresh(with("iat", .integer(now - 3_000)))
        _ = try refresh(with("auth_time", nil))
        _ = try refresh(good, authTime: nil)
    }

    @Test("REF-08 A refreshed ID token of another issuer, audience, user or sign-in is refused",
        arguments: [
            ("iss", "https://evil.example", TokenRefusal.wrongIssuer),
            ("aud", "other", .wrongAudience), ("sub", "u2", .wrongSubject),
            ("auth_time", .integer(now), .wrongAuthenticationTime), ("nonce", "n2", .wrongNonce),
            ("exp", .integer(now - 60), .expired), ("at_hash", "AAAA", .wrongAccessToken),
        ] as [(ByteString, JSONValue, TokenRefusal)])
    func refreshedOther(name: ByteString, value: JSONValue, refusal: TokenRefusal) {
        #expect(throws: refusal) { try refresh(with(name, value)) }
    }
}
