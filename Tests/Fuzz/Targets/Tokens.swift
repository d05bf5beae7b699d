import Cryptography
import Encodings
import JOSE
import OAuth
import TokenForge

/// Who signs, for whom, and when: as in Tests/Vectors/own.jsonl.
enum Signed {
    static let issuer: ByteString = "https://idp.example"
    static let audience: ByteString = "https://api.example"
    static let now: Int64 = 1_790_000_000
    static let leeway: Int64 = 60
    static let forge = TokenForge()

    /// Of the forge alone: what a mutation wants signed, we sign.
    static let forgeKeys = try? KeySet.parse(forge.jwks)

    static let vectors = VectorRecords("own")

    /// Keys of all kinds, of which nobody here has the private part; and the forge's.
    static let keys: KeySet? = {
        let text = vectors.records.first { $0.kind == "jwt" && $0.isGood }?.keySet
        let set = text.flatMap { try? JSONObject.parse($0) }?["keys"]?.array ?? []
        return try? KeySet.parse(
            JSONObject(["keys": .array(set + [.object(forge.jwk)])]).serialized.bytes)
    }()

    static let tokens: [ByteString] = [
        forge.token(claims()), forge.token(claims(["exp": 1])), forge.token(claims(), type: nil),
        forge.token(claims(["aud": ["a", "https://api.example"], "scope": "a b"])),
        forge.token(header: ["alg": "EdDSA", "kid": "k1", "typ": "at+jwt"], payload: "{}"),
        forge.token(header: ["alg": "Ed25519", "kid": "k1"], payload: idClaims().serialized),
        forge.token(claims(["a": .string(ByteString([UInt8](repeating: 0x61, count: 8_000)))])),
    ]

    /// All that anyone has ever signed, without the signatures.  The claims of some are bad.
    static let texts = Set(
        (vectors.records.filter { $0.isGood || $0.kind == "jwt" }.compactMap(\.token)
            + tokens.map(\.bytes)).map(signedPart))

    static func signedPart(_ token: [UInt8]) -> [UInt8] {
        Array(token.prefix(token.lastIndex(of: 0x2E) ?? 0))
    }

    static func claims(_ changes: JSONObject = [:]) -> JSONObject {
        var claims: JSONObject = [
            "iss": .string(issuer), "aud": .string(audience), "sub": "alice", "client_id": "app",
            "jti": "1", "iat": .integer(now), "exp": .integer(now + 300), "scope": "read",
        ]
        for member in changes.members { claims[member.name] = member.value }
        return claims
    }

    static func idClaims(_ changes: JSONObject = [:]) -> JSONObject {
        var claims: JSONObject = [
            "iss": .string(issuer), "aud": "app", "sub": "alice", "iat": .integer(now),
            "exp": .integer(now + 300), "nonce": "n", "auth_time": .integer(now - 60),
        ]
        for member in changes.members { claims[member.name] = member.value }
        return claims
    }
}

extension AccessTokenProfile {
    /// Whatever settings can relax.
    static let loose = AccessTokenProfile(requiresType: false, requiredClaims: [])
}

let headerWords = [
    "\"alg\":", "\"Ed25519\"", "\"EdDSA\"", "\"none\"", "\"RS256\"", "\"kid\":\"k1\"", "\"typ\":",
    "\"at+jwt\"", "\"JWT\"", "\"application/at+jwt\"", "\"crit\":", "\"b64\":false", "\"enc\":",
    "\"zip\":", "\"cty\":", "\"jwk\":",
]

extension FuzzTarget {
    static let header = FuzzTarget(
        name: "jose-header", about: "a token's header", longest: 5 << 10, words: headerWords,
        seeds: {
            VectorRecords("own", "wycheproof", "rfc7520-cookbook").sample(120) { record in
                record.token.flatMap { VectorRecords.parts($0).first }
            }
        }
    ) { input in
        guard let header = try? JOSEHeader(input) else { return }
        let theirs = Jansson(input)
        promise(theirs.isObject, "jansson reads it")
        promise(
            theirs.member("alg").text.flatMap(SignatureAlgorithm.init(name:)) == header.algorithm,
            "the algorithm is the one that is named")
        promise(theirs.member("kid").text == header.keyID, "so is the key")
        promise((header.keyID?.count ?? 0) <= KeySet.keyIDLimit, "whose name is not long")
        for name in ["crit", "b64", "enc", "zip"] {
            promise(theirs.member(name) == .absent, "\(name) is not overlooked")
        }
        promise(header.type.map { $0.bytes.contains(0x2F) } ?? true, "a type is a media type")
    }

    static let claims = FuzzTarget(
        name: "claims", about: "claims, against jansson's reading of them", longest: 17 << 10,
        words: claimWords,
        seeds: {
            VectorRecords("own").sample(120) { record in
                record.token.flatMap { VectorRecords.parts($0).dropFirst().first }
            } + [Signed.claims().serialized.bytes]
        }
    ) { input in
        guard let claims = try? ClaimsSet.parse(input) else { return }
        let theirs = Jansson(input)
        promise(theirs.isObject, "jansson reads it")
        for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "client_id", "jti", "scope"] {
            let ours = ByteString(name)
            let other = theirs.member(name)
            promise((claims[ours] == nil) == (other == .absent), "\(name) is there or not")
            promise(claims.string(ours) == other.text, "\(name) is the same text")
            promise((claims.date(ours) != nil) == other.isDate, "\(name) is a time or none")
            if let date = claims.date(ours), let number = other.number {
                promise(Double(date.seconds) == number.rounded(.down), "\(name) is that time")
                promise(date.isAfter(date.seconds, leeway: 1), "times compare")
                promise(date.isReached(date.seconds, leeway: 1), "with leeway")
                _ = (date.isAfter(.min, leeway: .max), date.isReached(.max, leeway: .max))
            }
        }
        promise(claims.audiences == theirs.member("aud").texts, "audiences are the same")
    }

    static let token = FuzzTarget(
        name: "token", about: "whole tokens under fixed keys of every kind", longest: 18 << 10,
        seeds: {
            Signed.tokens.map(\.bytes) + VectorRecords("own").sample(120, \.token)
                + VectorRecords("wycheproof", "rfc-appendix").sample(60, \.token)
        }
    ) { input in
        let text = ByteString(input)
        guard let keys = Signed.keys else { return promise(false, "there are keys") }
        checkShortWay(text, keys)
        let isSigned = Signed.texts.contains(Signed.signedPart(input))
        if let jws = try? UnverifiedJWS(text),
            let verified = try? jws.verify(with: keys, allowing: SignatureAlgorithm.supported)
        {
            promise(isSigned, "nothing counts that nobody has signed")
            promise(
                VectorRecords.parts(input).dropFirst().first == verified.payload,
                "the payload is what was signed")
        }
        for profile in [AccessTokenProfile.rfc9068, .loose] {
            let rules = AccessTokenRules(
                issuer: Signed.issuer, audiences: [Signed.audience], profile: profile)
            let token = try? rules.check(text, keys: keys, now: Signed.now)
            promise(token == nil || isSigned, "no access token counts that nobody has signed")
        }
        let rules = IDTokenRules(issuer: Signed.issuer, clientID: "app")
        let token = try? rules.check(
            text, keys: keys, now: Signed.now, nonce: nil, accessToken: nil)
        promise(token == nil || isSigned, "nor an ID token")
    }
}

let claimWords = [
    "\"iss\":\"https://idp.example\"", "\"aud\":", "\"https://api.example\"", "\"app\"", "\"exp\":",
    "1790000300", "\"nbf\":", "\"iat\":1790000000", "\"sub\":\"alice\"", "\"cnf\":",
    "\"nonce\":\"n\"",
    "\"at_hash\":", "\"events\":", "\"typ\":\"ID\"", "\"token_use\":", "\"azp\":\"app\"",
    "\"scope\":", "\"read\"",
    "\"auth_time\":", "\"sid\":", "1e300", "-1", "null", "[", "]", "{}",
]
