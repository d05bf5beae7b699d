import Encodings
import JOSE
import OAuth
import Testing
import TokenForge

/// What each relaxation opens, and that it opens nothing else.
@Suite struct AccessTokenProfileTests {
    static let now: Int64 = 1_790_000_000
    static let good: JSONObject = [
        "iss": "https://idp.example", "aud": "api", "sub": "u1", "client_id": "c1", "jti": "j1",
        "iat": 1_789_999_990, "exp": 1_790_000_300, "scope": "read write",
    ]

    static func with(_ changes: [ByteString: JSONValue?]) -> JSONObject {
        var claims = good
        for (name, value) in changes { claims[name] = value }
        return claims
    }
    static func check(
        _ claims: JSONObject, type: ByteString? = "at+jwt", audiences: [ByteString] = ["api"],
        _ relax: (inout AccessTokenProfile) -> Void = { _ in }
    ) throws(TokenRefusal) -> AccessToken {
        var profile = AccessTokenProfile.rfc9068
        relax(&profile)
        let forge = TokenForge()
        guard let keys = try? KeySet.parse(forge.jwks) else { throw .unknownKey }
        let rules = AccessTokenRules(
            issuer: "https://idp.example", audiences: audiences, leeway: 0, profile: profile)
        return try rules.check(forge.token(claims, type: type), keys: keys, now: now)
    }

    // MARK: Claims that must be there

    @Test("CLM-09 What RFC 9068 requires must be there, unless a setting leaves it out", arguments: [
        "sub", "client_id", "iat", "jti",
    ] as [ByteString])
    func required(name: ByteString) throws {
        let claims = Self.with([name: nil])
        #expect(throws: TokenRefusal.claimMissing) { try Self.check(claims) }
        _ = try Self.check(claims) { profile in profile.requiredClaims.removeAll { $0 == name } }
        // That setting leaves out this one only.
        for other: ByteString in ["sub", "client_id", "iat", "jti"] where other != name {
            #expect(throws: TokenRefusal.claimMissing) {
                try Self.check(Self.with([name: nil, other: nil])) { profile in
                    profile.requiredClaims.removeAll { $0 == name }
                }
            }
        }
    }

    @Test("CLM-09 A claim that says nothing is not there", arguments: [
        ("sub", ""), ("client_id", ""), ("jti", ""), ("tenant", .null), ("tenant", nil),
    ] as [(ByteString, JSONValue?)])
    func empty(name: ByteString, value: JSONValue?) {
        #expect(throws: TokenRefusal.claimMissing) {
            try Self.check(Self.with([name: value])) { $0.requiredClaims.append("tenant") }
        }
    }

    @Test("CLM-09 A claim of the wrong type is refused, whether it must be there or not", arguments: [
        ("sub", 5), ("sub", .null), ("client_id", ["c1"]), ("jti", true), ("iat", "1790000000"),
        ("iat", .null),
    ] as [(ByteString, JSONValue)])
    func types(name: ByteString, value: JSONValue) {
        for required: [ByteString] in [["sub", "client_id", "iat", "jti"], ["exp"]] {
            #expect(throws: TokenRefusal.malformedClaim) {
                try Self.check(Self.with([name: value])) { $0.requiredClaims = required }
            }
        }
    }

    // MARK: The audience

    @Test("CLM-02 The audience stands in aud, unless a setting names a claim of the client", arguments: [
        "client_id", "azp",
    ] as [ByteString])
    func audienceClaim(claim: ByteString) throws {
        let claims = Self.with(["aud": nil, claim: "app"])
        #expect(throws: TokenRefusal.wrongAudience) { try Self.check(claims, audiences: ["app"]) }
        func relaxed(_ claims: JSONObject) throws(TokenRefusal) -> AccessToken {
            try Self.check(claims, audiences: ["app"]) { $0.audienceClaim = claim }
        }
        _ = try relaxed(claims)
        _ = try relaxed(Self.with(["aud": "other", claim: "app"]))
        for value: JSONValue in ["App", "app ", "", 7, .null, [7], []] {
            #expect(throws: TokenRefusal.wrongAudience) {
                try relaxed(Self.with(["aud": nil, claim: value]))
            }
        }
        #expect(throws: TokenRefusal.wrongAudience) {
            try relaxed(Self.with(["aud": "app", claim: "other"]))
        }
    }

    @Test("CLM-13 HDR-09 Where clients are looked for, a token that is for its own client is an ID token")
    func idToken() throws {
        func check(_ aud: JSONValue, type: ByteString?) throws(TokenRefusal) -> AccessToken {
            try Self.check(
                Self.with(["aud": aud, "azp": "app"]), type: type, audiences: ["app"]
            ) {
                $0.audienceClaim = "azp"
                $0.requiresType = false
            }
        }
        for aud: JSONValue in ["app", ["account", "app"]] {
            #expect(throws: TokenRefusal.notAnAccessToken) { try check(aud, type: "JWT") }
            // The type says it for certain.
            _ = try check(aud, type: "at+jwt")
        }
        _ = try check(["account", "other"], type: nil)
    }

    // MARK: The scope

    @Test("CLM-10 A list of scopes is taken by setting only, each text whole")
    func scopeList() throws {
        let claims = Self.with(["scope": ["read", "a b", ""]])
        #expect(throws: TokenRefusal.malformedClaim) { try Self.check(claims) }
        let token = try Self.check(claims) { $0.allowsScopeList = true }
        #expect(token.scopes == ["read", "a b", ""])
        #expect(try Self.check(Self.good) { $0.allowsScopeList = true }.scopes == ["read", "write"])
        #expect(try Self.check(Self.with(["scope": []])) { $0.allowsScopeList = true }.scopes == [])
        for value: JSONValue in [["read", 1], [["read"]], .object(["read": true]), true, .null] {
            #expect(throws: TokenRefusal.malformedClaim) {
                try Self.check(Self.with(["scope": value])) { $0.allowsScopeList = true }
            }
        }
    }

    @Test("CLM-10 Scopes stand in scope, unless a setting names another claim")
    func scopeClaim() throws {
        let claims = Self.with(["scope": "read", "scp": "write"])
        #expect(try Self.check(claims).scopes == ["read"])
        #expect(try Self.check(claims) { $0.scopeClaim = "scp" }.scopes == ["write"])
        #expect(try Self.check(claims) { $0.scopeClaim = "roles" }.scopes == [])
        #expect(throws: TokenRefusal.malformedClaim) {
            try Self.check(Self.with(["scp": ["write"]])) { $0.scopeClaim = "scp" }
        }
    }

    // MARK: All of them

    @Test("CLM-01 CLM-03 CLM-05 POP-01 With every relaxation the other checks stand", arguments: [
        ("iss", "https://evil.example", .wrongIssuer), ("exp", .integer(now), .expired),
        ("exp", nil, .expiryMissing), ("nbf", .integer(now + 1), .notYetValid),
        ("cnf", .object(["jkt": "x"]), .senderConstrained), ("nonce", "n", .notAnAccessToken),
        ("azp", "other", .wrongAudience), ("azp", nil, .wrongAudience),
        ("sub", 5, .malformedClaim), ("roles", 5, .malformedClaim),
    ] as [(ByteString, JSONValue?, TokenRefusal)])
    func everything(name: ByteString, value: JSONValue?, refusal: TokenRefusal) throws {
        func check(_ claims: JSONObject) throws(TokenRefusal) -> AccessToken {
            try Self.check(claims, type: nil, audiences: ["app"]) {
                $0 = AccessTokenProfile(
                    requiresType: false, requiredClaims: ["exp"], audienceClaim: "azp",
                    scopeClaim: "roles", allowsScopeList: true)
            }
        }
        var claims: JSONObject = [
            "iss": "https://idp.example", "exp": 1_790_000_300, "azp": "app", "roles": ["read"],
        ]
        #expect(try check(claims).scopes == ["read"])
        claims[name] = value
        #expect(throws: refusal) { try check(claims) }
    }
}
