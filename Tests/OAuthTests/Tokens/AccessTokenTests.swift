import Encodings
import JOSE
import OAuth
import Testing
import TokenForge

private let forge = TokenForge()
private let now: Int64 = 1_790_000_000
private let good: JSONObject = [
    "iss": "https://idp.example", "aud": "https://api.example", "sub": "u1", "client_id": "c1",
    "jti": "j1", "iat": 1_789_999_990, "exp": 1_790_000_300, "scope": "read write",
]

private func check(
    _ claims: JSONObject, type: ByteString? = "at+jwt", requiresType: Bool = true,
    leeway: Int64 = 0, audiences: [ByteString] = ["https://api.example"]
) throws(TokenRefusal) -> AccessToken {
    try check(forge.token(claims, type: type), requiresType, leeway, audiences)
}

private func check(
    _ token: ByteString, _ requiresType: Bool = true, _ leeway: Int64 = 0,
    _ audiences: [ByteString] = ["https://api.example"]
) throws(TokenRefusal) -> AccessToken {
    guard let keys = try? KeySet.parse(forge.jwks) else { throw .unknownKey }
    let rules = AccessTokenRules(
        issuer: "https://idp.example", audiences: audiences, leeway: leeway,
        profile: AccessTokenProfile(requiresType: requiresType))
    return try rules.check(token, keys: keys, now: now)
}

private func with(_ name: ByteString, _ value: JSONValue?) -> JSONObject {
    var claims = good
    claims[name] = value
    return claims
}

@Suite("Access tokens")
struct AccessTokenTests {
    @Test("A good access token gives claims, expiry and scopes")
    func accepts() throws {
        let token = try check(good)
        #expect(token.claims.subject == "u1")
        #expect(token.expiry == 1_790_000_300)
        #expect(token.scopes == ["read", "write"])
        #expect(try check(with("exp", .real(1_790_000_300.9))).expiry == 1_790_000_300)
        #expect(try check(with("scope", nil)).scopes == [])
    }

    @Test("CLM-01 The issuer matches byte for byte or not at all", arguments: [
        "https://idp.example/", "HTTPS://IDP.EXAMPLE", "http://idp.example", "",
        "https://idp.example.evil.example", " https://idp.example", "https://@idp.example",
        "https://idp.\u{435}xample", ["https://idp.example"], .null, 1,
    ] as [JSONValue])
    func issuer(value: JSONValue) {
        #expect(throws: TokenRefusal.wrongIssuer) { try check(with("iss", value)) }
        #expect(throws: TokenRefusal.wrongIssuer) { try check(with("iss", nil)) }
    }

    @Test("SIG-10 A forged issuer is refused before any key is looked for")
    func forgedIssuer() {
        let stranger = TokenForge(keyID: "unknown", seed: 9)
        let forged = stranger.token(with("iss", "https://evil.example"))
        #expect(throws: TokenRefusal.wrongIssuer) { try check(forged) }
        #expect(throws: TokenRefusal.unknownKey) { try check(stranger.token(good)) }
    }

    @Test("SIG-10 A forged token is refused for its signature, whatever its claims say")
    func forgedClaims() {
        let forged = TokenForge(keyID: "k1", seed: 9)
        #expect(throws: TokenRefusal.badSignature) { try check(forged.token(good)) }
        #expect(throws: TokenRefusal.badSignature) { try check(forged.token(with("exp", 1))) }
        #expect(throws: TokenRefusal.badSignature) { try check(forged.token(with("aud", "x"))) }
    }

    @Test("CLM-02 Our audience must be there, byte for byte", arguments: [
        [], ["https://api.example2"], "https://api.example/", "HTTPS://API.EXAMPLE", .null, "", 7,
        [["https://api.example"]], ["https://api.example", 7], [.null], "https://api.example x",
        .object(["a": "https://api.example"]), nil,
    ] as [JSONValue?])
    func audience(value: JSONValue?) {
        #expect(throws: TokenRefusal.wrongAudience) { try check(with("aud", value)) }
    }

    @Test("CLM-02 One of several audiences is enough, on either side")
    func audiences() throws {
        _ = try check(with("aud", ["x", "https://api.example"]))
        _ = try check(good, audiences: ["other", "https://api.example"])
        #expect(throws: TokenRefusal.wrongAudience) { try check(good, audiences: []) }
    }

    @Test("CLM-03 A token without exp is refused")
    func noExpiry() {
        #expect(throws: TokenRefusal.expiryMissing) { try check(with("exp", nil)) }
        #expect(throws: TokenRefusal.expiryMissing) {
            var claims = with("exp", nil)
            claims["Exp"] = 1_790_000_300
            return try check(claims)
        }
    }

    @Test("CLM-03 A token that ends now or has ended is refused", arguments: [
        .integer(now), .integer(now - 1), 1, .real(1_789_999_999.9),
    ] as [JSONValue])
    func expired(value: JSONValue) {
        #expect(throws: TokenRefusal.expired) { try check(with("exp", value)) }
    }

    @Test("CLM-04 An exp that is no date is refused", arguments: [
        0, -1, .real(-1e300), .real(1e300), true, .null, "", "1790000300", [1_790_000_300],
        .object([:]), 9_007_199_254_740_992,
    ] as [JSONValue])
    func noDate(value: JSONValue) {
        #expect(throws: TokenRefusal.malformedClaim) { try check(with("exp", value)) }
    }

    @Test("CLM-05 nbf must have come")
    func notBefore() throws {
        _ = try check(with("nbf", .integer(now)))
        #expect(throws: TokenRefusal.notYetValid) { try check(with("nbf", .integer(now + 1))) }
        for value: JSONValue in ["1", .null, true, [1]] {
            #expect(throws: TokenRefusal.malformedClaim) { try check(with("nbf", value)) }
        }
    }

    @Test("CLM-07 LIM-23 The leeway admits what is younger, and not what is as old")
    func leeway() throws {
        _ = try check(with("exp", .integer(now - 59)), leeway: 60)
        #expect(throws: TokenRefusal.expired) {
            try check(with("exp", .integer(now - 60)), leeway: 60)
        }
        _ = try check(with("nbf", .integer(now + 60)), leeway: 60)
        #expect(throws: TokenRefusal.notYetValid) {
            try check(with("nbf", .integer(now + 61)), leeway: 60)
        }
        _ = try check(good, leeway: .max)
    }

    @Test("CLM-06 CLM-09 CLM-10 Claims of the wrong type are refused", arguments: [
        ("iat", "1790000000"), ("iat", .null), ("iat", -5), ("sub", 5), ("sub", .null),
        ("sub", ["u1"]), ("client_id", 1), ("jti", true), ("scope", ["read"]), ("scope", 1),
    ] as [(ByteString, JSONValue)])
    func types(name: ByteString, value: JSONValue) {
        #expect(throws: TokenRefusal.malformedClaim) { try check(with(name, value)) }
    }

    @Test("CLM-08 Only at+jwt is the type of an access token", arguments: [
        (nil, TokenRefusal.typeMissing), ("JWT", .typeMissing), ("application/jwt", .typeMissing),
        ("logout+jwt", .wrongType), ("dpop+jwt", .wrongType), ("secevent+jwt", .wrongType),
        ("token-introspection+jwt", .wrongType), ("at+jwt ", .wrongType), ("", .wrongType),
        ("at+jwt;x=1", .wrongType), ("text/at+jwt", .wrongType),
    ] as [(ByteString?, TokenRefusal)])
    func type(name: ByteString?, expected: TokenRefusal) {
        #expect(throws: expected) { try check(good, type: name) }
    }

    @Test("CLM-08 The type is compared without case", arguments: [
        "AT+JWT", "application/at+jwt", "Application/At+Jwt",
    ] as [ByteString])
    func typeCase(name: ByteString) throws { _ = try check(good, type: name) }

    @Test("CLM-08 A setting admits tokens without the type")
    func untyped() throws {
        _ = try check(good, type: nil, requiresType: false)
        _ = try check(good, type: "JWT", requiresType: false)
        for other: ByteString in ["logout+jwt", "dpop+jwt", "token-introspection+jwt"] {
            #expect(throws: TokenRefusal.wrongType) {
                try check(good, type: other, requiresType: false)
            }
        }
    }

    @Test("HDR-09 CLM-13 INT-11 No other kind of token is an access token, also without the type",
        arguments: [
            ("nonce", "n"), ("at_hash", "h"), ("c_hash", "h"), ("s_hash", "h"),
            ("events", .object([:])), ("token_introspection", .object(["active": true])),
            ("htm", "GET"), ("htu", "https://api.example/"), ("typ", "ID"), ("token_use", "id"),
        ] as [(ByteString, JSONValue)])
    func otherKinds(name: ByteString, value: JSONValue) {
        for type: ByteString? in [nil, "JWT"] {
            #expect(throws: TokenRefusal.notAnAccessToken) {
                try check(with(name, value), type: type, requiresType: false)
            }
        }
    }

    @Test("POP-01 POP-02 A token that is bound to a key is no bearer token", arguments: [
        .object(["jkt": "x"]), .object(["x5t#S256": "x"]), .object(["foo": .object([:])]), "x",
        .null,
    ] as [JSONValue])
    func bound(value: JSONValue) {
        #expect(throws: TokenRefusal.senderConstrained) { try check(with("cnf", value)) }
    }

    @Test("CLM-11 Unknown claims are ignored")
    func unknownClaims() throws {
        _ = try check(with("x", .object(["y": [1, .null, .real(1.5)]])))
    }

    @Test("CLM-12 HDR-10 FMT-11 A payload that is no object is refused", arguments: [
        "", "[]", "null", "\"x\"", "{", "eyJhbGciOiJub25lIn0.e30.",
        #"{"iss":"https://idp.example","iss":"https://idp.example"}"#,
    ] as [ByteString])
    func payload(text: ByteString) {
        let header: JSONObject = ["alg": "Ed25519", "kid": "k1", "typ": "at+jwt"]
        let token = forge.token(header: header, payload: text)
        #expect(throws: TokenRefusal.malformed) { try check(token) }
    }

    @Test("ALG-06 The algorithms are those of the issuer")
    func algorithms() throws {
        let keys = try KeySet.parse(forge.jwks)
        let rules = AccessTokenRules(
            issuer: "https://idp.example", audiences: ["https://api.example"],
            algorithms: [.rs256])
        #expect(throws: TokenRefusal.algorithmNotAllowed) {
            try rules.check(forge.token(good), keys: keys, now: now)
        }
    }

    @Test("Every refusal has a word of its own")
    func words() {
        let words = TokenRefusal.allCases.map(\.word)
        #expect(Set(words).count == words.count)
        #expect(words.allSatisfy { word in
            word.bytes.allSatisfy { ASCII.isLetter($0) || $0 == 0x5F } && word == word.lowercased
        })
    }
}
