import Encodings
import JOSE
import Testing
import TokenForge

private let forge = TokenForge()
private let header = JSONObject(["alg": "Ed25519", "kid": "k1"])

private func key(
    _ forge: TokenForge, _ members: KeyValuePairs<ByteString, JSONValue>
) -> JSONObject {
    var object = forge.jwk
    for (name, value) in members { object[name] = value }
    return object
}

private func verify(
    _ keys: [JSONObject], header: JSONObject = header
) throws(JOSEError) -> VerifiedJWS {
    let set = try KeySet.parse(TokenForge.jwks(keys))
    return try UnverifiedJWS(forge.token(header: header, payload: "{}"))
        .verify(with: set, allowing: SignatureAlgorithm.supported)
}

@Suite("Key sets")
struct KeySetTests {
    static let other = TokenForge(keyID: "k2", seed: 2)

    @Test("KEY-05 KEY-07 Odd keys are skipped with a reason, the good one beside them works",
        arguments: [
            (#"{"kty":"AKP","pub":"AA"}"#, KeyDefect.unknownType), (#"{"kty":"ec"}"#, .unknownType),
            (#"{"kty":"EC","crv":"p-256","x":"AA","y":"AA"}"#, .unknownCurve),
            (#"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#, .unknownCurve),
            (#"{"kty":"EC","crv":"P-256","x":"AA"}"#, .missingMember),
            (#"{"kty":"EC","crv":"P-256","x":1,"y":"AA"}"#, .malformedMember),
            (#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#, .badNumbers),
            (#"{"kty":"OKP","crv":"X25519","x":"AA"}"#, .unknownCurve),
            (#"{"kty":"OKP","crv":"Ed25519","x":"AA=="}"#, .malformedMember),
            (#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, .badNumbers),
            (#"{"kty":"RSA","e":"AQAB"}"#, .missingMember), ("{}", .unknownType),
            (#"{"kty":"oct","k":"AAAA","kid":"k1"}"#, .symmetric),
        ])
    func oddKeys(json: String, defect: KeyDefect) throws {
        let odd = try JSONObject.parse(Array(json.utf8))
        _ = try verify([odd, forge.jwk])
        let set = try KeySet.parse(TokenForge.jwks([odd, forge.jwk]))
        #expect(set.remarks.map(\.finding) == [.skipped(defect)])
        #expect(set.keys.count == 1)
    }

    @Test("KEY-06 Keys for other uses check nothing", arguments: [
        ["use": "enc"], ["use": "SIG"], ["key_ops": ["encrypt"]], ["key_ops": ["sign"]],
        ["key_ops": []], ["use": "sig", "key_ops": ["verify", "encrypt"]],
        ["use": "enc", "key_ops": ["verify"]],
    ] as [KeyValuePairs<ByteString, JSONValue>])
    func otherUses(members: KeyValuePairs<ByteString, JSONValue>) throws {
        #expect(try !JWK(key(forge, members)).verifies(.ed25519))
        #expect(throws: JOSEError.noUsableKey) { try verify([key(forge, members)]) }
        #expect(throws: JOSEError.unknownKey) { try verify([key(forge, members), Self.other.jwk]) }
    }

    @Test("KEY-06 Keys for verifying do", arguments: [
        ["use": "sig"], ["key_ops": ["verify"]], ["use": "sig", "key_ops": ["sign", "verify"]],
        ["alg": "Ed25519"], ["alg": "EdDSA"],
    ] as [KeyValuePairs<ByteString, JSONValue>])
    func rightUses(members: KeyValuePairs<ByteString, JSONValue>) throws {
        _ = try verify([key(forge, members)])
    }

    @Test("ALG-05 A key that names another algorithm is not used",
        arguments: ["RS256", "Ed448", ""])
    func otherAlgorithm(name: String) {
        let named = key(forge, ["alg": .string(ByteString(name))])
        #expect(throws: JOSEError.keyMismatch) { try verify([named]) }
        #expect(throws: JOSEError.keyMismatch) { try verify([named, Self.other.jwk]) }
    }

    @Test("KEY-08 KEY-09 A published secret or private key is reported, and never used")
    func alarming() throws {
        let secret = JSONObject(["kty": "oct", "k": "c2VjcmV0", "kid": "s"])
        let set = try KeySet.parse(TokenForge.jwks([secret, key(forge, ["d": "AAAA"])]))
        #expect(set.remarks.filter(\.isAlarming).map(\.keyID) == ["s", "k1"])
        #expect(set.keys.count == 1)
        _ = try verify([secret, key(forge, ["d": "AAAA"])])
        #expect(throws: JOSEError.noUsableKey) { try verify([secret]) }
    }

    @Test("KEY-10 Two keys of one kid are told apart by their type")
    func sameKeyID() throws {
        let elliptic = try JSONObject.parse(Array(Self.p256.utf8))
        _ = try verify([elliptic, forge.jwk])
    }

    @Test("KEY-11 Two keys that fit are one too many: neither is tried")
    func ambiguous() {
        let twin = key(Self.other, ["kid": "k1"])
        #expect(throws: JOSEError.ambiguousKey) { try verify([forge.jwk, twin]) }
        let nameless = JSONObject(["alg": "Ed25519"])
        #expect(throws: JOSEError.ambiguousKey) {
            try verify([forge.jwk, Self.other.jwk], header: nameless)
        }
    }

    @Test("HYG-04 A key is parsed with its set, and never again for a token")
    func parsedOnce() throws {
        let set = try KeySet.parse(forge.jwks)
        let header = try JOSEHeader(header.serialized.bytes)
        #expect(try set.key(for: header).key === set.keys.first?.key)
    }

    @Test("KEY-12 A token without kid is checked by the only key that fits")
    func nameless() throws {
        let nameless = JSONObject(["alg": "Ed25519"])
        _ = try verify([forge.jwk], header: nameless)
        _ = try verify(
            [try JSONObject.parse(Array(Self.p256.utf8)), forge.jwk], header: nameless)
    }

    @Test("A single key without kid is the one that a token may name as it likes")
    func namelessKey() throws {
        _ = try verify([key(forge, ["kid": .null]).without("kid")])
        #expect(throws: JOSEError.unknownKey) {
            try verify([key(forge, [:]).without("kid"), Self.other.jwk])
        }
    }

    @Test("KEY-17 KEY-23 What is no key set never becomes one", arguments: [
        "", "{}", "[]", "<html>", #"{"keys":{}}"#, #"{"keys":null}"#, #"{"keys":[],"keys":[]}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#,
    ])
    func noSet(text: String) {
        #expect(throws: JOSEError.malformedKeySet) { try KeySet.parse(Array(text.utf8)) }
    }

    @Test("KEY-17 A set without a usable key is refused", arguments: [
        #"{"keys":[]}"#, #"{"keys":[1,null,"x",[]]}"#, #"{"keys":[{"kty":"oct","k":"AA"}]}"#,
    ])
    func emptySet(text: String) {
        #expect(throws: JOSEError.noUsableKey) { try KeySet.parse(Array(text.utf8)) }
    }

    @Test("KEY-22 LIM-08 100 keys are read, 101 are not")
    func keyCount() throws {
        let many = [JSONObject](repeating: forge.jwk, count: 100)
        #expect(try KeySet.parse(TokenForge.jwks(many)).keys.count == 100)
        #expect(throws: JOSEError.malformedKeySet) {
            try KeySet.parse(TokenForge.jwks(many + [forge.jwk]))
        }
    }

    @Test("KEY-19 A key beside another key's certificate is skipped", arguments: [
        [], [""], ["AAAA"], [1], "AAAA",
    ] as [JSONValue])
    func certificate(chain: JSONValue) {
        #expect(throws: JOSEError.noUsableKey) { try verify([key(forge, ["x5c": chain])]) }
    }

    @Test("KEY-19 A certificate of this very key does no harm, in the set of another key it does")
    func certificateOfKey() throws {
        let chain: JSONValue = .array([.string(ByteString(Self.certificate))])
        _ = try verify([key(forge, ["x5c": chain])])
        let stranger = key(Self.other, ["x5c": chain])
        #expect(try KeySet.parse(TokenForge.jwks([stranger, forge.jwk])).remarks.map(\.finding)
            == [.skipped(.foreignCertificate)])
    }

    /// Self-signed, of the key that signs here.
    private static let certificate =
        "MIHCMHYCAQEwBQYDK2VwMA0xCzAJBgNVBAMMAmsxMCAXDTI2MTEyNTE2MzkyMVoYDzIxMjYx"
            + "MTAxMTYzOTIxWjANMQswCQYDVQQDDAJrMTAqMAUGAytlcAMhAIqI4910CfGV/VLbLTy6XXLK"
            + "Zwm/HZQSG/N0iAG0D29cMAUGAytlcANBAI7/H5COJaWqbRuemvLSj+0gVPuLbKZED3g6SjrF"
            + "cJQEVNsxrZOfW8kzJlcPbNV4hmnReqNFoezHYO17/VLTuAU="

    @Test("ALG-05 ALG-10 A key serves the algorithms of its type and curve, and no other")
    func fittingAlgorithms() throws {
        let modulus = Base64URL.encode([UInt8](repeating: 0xFF, count: 256))
        let rsa = try JWK(["kty": "RSA", "n": .string(modulus), "e": "AQAB"])
        let elliptic = try JWK(try JSONObject.parse(Array(Self.p256.utf8)))
        for (key, fitting) in [
            (rsa, [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]), (elliptic, [.es256]),
            (try JWK(forge.jwk), [.ed25519, .edDSA]),
        ] as [(JWK, [SignatureAlgorithm])] {
            #expect(SignatureAlgorithm.allCases.filter(key.verifies) == fitting)
        }
    }

    @Test("KEY-20 The thumbprint is that of RFC 8037, whatever else the key says")
    func thumbprint() throws {
        var object: JSONObject = [
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        ]
        let expected: ByteString = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        #expect(try JWK(object).thumbprint == expected)
        object["kid"] = "x"
        object["use"] = "sig"
        #expect(try JWK(object).thumbprint == expected)
    }

    @Test("HYG-11 Bent and cut key sets never trap")
    func mutations() throws {
        let seed = TokenForge.jwks([forge.jwk, try JSONObject.parse(Array(Self.p256.utf8))])
        for index in seed.indices {
            _ = try? KeySet.parse(Array(seed[..<index]))
            for byte: UInt8 in [0x00, 0x22, 0x5B, 0x5C, 0x7D, 0x2C, 0x41, 0x39] {
                var bent = seed
                bent[index] = byte
                _ = try? KeySet.parse(bent)
            }
        }
    }

    static let p256 = """
        {"kty":"EC","crv":"P-256","kid":"k1","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}
        """
}

extension JSONObject {
    fileprivate func without(_ name: ByteString) -> JSONObject {
        var copy = self
        copy[name] = nil
        return copy
    }
}
