import Cryptography
import Encodings
import JOSE
import Testing
import TokenForge

private let signer = TokenForge()
private let inner = signer.token(["iss": "https://idp.example", "sub": "u1", "aud": "api"])

@Suite("Encrypted tokens")
struct EncryptedTokenTests {
    static let rsa = EncryptionForge(keyID: "r1", kind: .rsa(bits: 2_048))
    static let p256 = EncryptionForge(keyID: "e1")
    static let forges: [EncryptionForge] = [
        rsa, p256, EncryptionForge(keyID: "e2", kind: .elliptic("P-384")),
        EncryptionForge(keyID: "e3", kind: .elliptic("P-521")),
        EncryptionForge(keyID: "x1", kind: .x25519), EncryptionForge(keyID: "x2", kind: .x448),
    ]
    static let encryptions: [ByteString] = [
        "A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512",
    ]

    static func keys(_ forges: EncryptionForge...) throws -> DecryptionKeys {
        DecryptionKeys(try forges.map { try DecryptionKey($0.privateJWK) })
    }

    static func open(
        _ text: ByteString, _ keys: DecryptionKeys
    ) throws(JOSEError) -> NestedToken {
        try NestedToken(opening: text, with: keys, SystemRandom())
    }

    @Test("JWE-01 JWE-11 Every algorithm with every kind of key that it goes with gives what is inside",
        arguments: encryptions)
    func allPairs(encryption: ByteString) throws {
        for forge in Self.forges {
            let keys = try Self.keys(forge)
            let algorithms: [ByteString] =
                forge === Self.rsa
                ? ["RSA-OAEP", "RSA-OAEP-256"]
                : ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"]
            for algorithm in algorithms {
                let token = forge.encrypt(inner, algorithm, encryption)
                #expect(try Self.open(token, keys).text == inner, "\(forge.kind) \(algorithm)")
            }
        }
    }

    @Test("Names of algorithms are written as they are read")
    func names() {
        for algorithm in KeyManagementAlgorithm.allCases {
            #expect(KeyManagementAlgorithm(name: algorithm.name) == algorithm)
        }
        for encryption in ContentEncryption.allCases {
            #expect(ContentEncryption(name: encryption.name) == encryption)
        }
    }

    @Test("JWE-07 apu and apv are part of the agreement; white space in the header is what it was")
    func parties() throws {
        // RFC 7518, appendix C, says what must come of them; here it only matters that they count.
        let keys = try Self.keys(Self.p256)
        let changes = EncryptionForge.Changes(header: [("apu", "QWxpY2U"), ("apv", "Qm9i")])
        let token = Self.p256.encrypt(inner, "ECDH-ES", "A128GCM", changes: changes)
        #expect(throws: JOSEError.decryptionFailed) { try Self.open(token, keys) }
        for value: JSONValue in [1, "=", .null, .array(["QQ"])] {
            let token = Self.p256.encrypt(inner, changes: .init("apu", value))
            #expect(throws: JOSEError.malformed) { try Self.open(token, keys) }
        }
    }

    // MARK: Which key

    @Test("JWE-13 kid selects the key; one that nobody has is refused")
    func keyID() throws {
        let other = EncryptionForge(keyID: "e9")
        let keys = try Self.keys(Self.rsa, Self.p256, other)
        for forge in [Self.rsa, Self.p256, other] {
            #expect(try Self.open(forge.encrypt(inner), keys).key.keyID == forge.keyID)
        }
        for kid: JSONValue in ["e2", "", "E1", "e1 "] {
            let token = Self.p256.encrypt(inner, changes: .init("kid", kid))
            #expect(throws: JOSEError.unknownDecryptionKey) { try Self.open(token, keys) }
        }
        for kid: JSONValue in [1, .null, .array(["e1"])] {
            let token = Self.p256.encrypt(inner, changes: .init("kid", kid))
            #expect(throws: JOSEError.malformed) { try Self.open(token, keys) }
        }
    }

    @Test("JWE-13 Without kid the one that fits is meant, by type and curve; of two, none")
    func withoutKeyID() throws {
        let nameless = EncryptionForge.Changes("kid", nil)
        let keys = DecryptionKeys(try Self.forges.map { try DecryptionKey($0.privateJWK) })
        for forge in Self.forges {
            let token = forge.encrypt(inner, changes: nameless)
            #expect(try Self.open(token, keys).key.keyID == forge.keyID)
        }
        let two = try Self.keys(Self.p256, EncryptionForge(keyID: "e9"))
        #expect(throws: JOSEError.ambiguousKey) {
            try Self.open(Self.p256.encrypt(inner, changes: nameless), two)
        }
    }

    @Test("JWE-13 A key that its file named serves a token that names another, if it fits alone")
    func namedByFile() throws {
        func key(_ forge: EncryptionForge, _ name: ByteString) throws -> DecryptionKey {
            let read = try DecryptionKeys.read(Secret(forge.pem), fileName: name)
            return try #require(read.first)
        }
        let other = EncryptionForge(keyID: "e9")
        let token = Self.p256.encrypt(inner)
        let one = DecryptionKeys([try key(Self.p256, "api"), try key(Self.rsa, "old")])
        #expect(try Self.open(token, one).text == inner)
        let two = DecryptionKeys([try key(Self.p256, "api"), try key(other, "old")])
        #expect(throws: JOSEError.ambiguousKey) { try Self.open(token, two) }
        let named = DecryptionKeys([try key(Self.p256, "e1"), try key(other, "old")])
        #expect(try Self.open(token, named).text == inner)
        // A key with a name of its own is never taken for another.
        let strict = DecryptionKeys([try DecryptionKey(other.privateJWK), try key(other, "old")])
        #expect(throws: JOSEError.decryptionFailed) { try Self.open(token, strict) }
    }

    @Test("JWE-02 A key that names its algorithm serves no other")
    func algorithmOfKey() throws {
        var jwk = Self.rsa.privateJWK
        jwk["alg"] = "RSA-OAEP-256"
        let keys = DecryptionKeys([try DecryptionKey(jwk)])
        #expect(try Self.open(Self.rsa.encrypt(inner, "RSA-OAEP-256"), keys).text == inner)
        #expect(throws: JOSEError.unknownDecryptionKey) {
            try Self.open(Self.rsa.encrypt(inner, "RSA-OAEP"), keys)
        }
    }

    // MARK: Form

    @Test("FMT-01 FMT-03 FMT-04 Anything but five parts of canonical base64url is refused")
    func parts() throws {
        let good = Self.p256.encrypt(inner)
        let parts = good.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { ByteString($0) }
        func text(_ parts: [ByteString]) -> ByteString {
            parts.dropFirst().reduce(parts[0]) { $0 + "." + $1 }
        }
        #expect(text(parts) == good)
        for bent in [
            good + ".", "." + good, good + "=", good + " ", " " + good, "....", "",
            text(Array(parts.dropLast())), text(Array(parts.dropFirst())), inner,
        ] {
            #expect(throws: JOSEError.malformed) { try UnopenedJWE(bent) }
        }
        for index in parts.indices {
            for stray: ByteString in ["=", "+", "\n", "\0", "A"] where index != 1 || stray != "A" {
                var bent = parts
                bent[index] = bent[index] + stray
                let text = text(bent)
                #expect(throws: (any Error).self) { try Self.open(text, Self.keys(Self.p256)) }
            }
        }
    }

    @Test("FMT-09 A token or header beyond the limits is refused before anything is decoded")
    func tooLarge() {
        let large = ByteString([UInt8](repeating: 0x41, count: 16_385))
        #expect(throws: JOSEError.tooLarge) { try UnopenedJWE(large) }
        let header = ByteString([UInt8](repeating: 0x41, count: 6_000))
        #expect(throws: JOSEError.tooLarge) { try UnopenedJWE(header + "....") }
    }

    @Test("FMT-06 HDR-01 HDR-02 HDR-04 HDR-05 JWE-10 What a header may not say", arguments: [
        ("[]", .malformed), ("", .malformed), ("{}", .malformed),
        (#"{"alg":"RSA-OAEP"}"#, .malformed), (#"{"enc":"A256GCM"}"#, .malformed),
        (#"{"alg":"RSA-OAEP","alg":"RSA-OAEP","enc":"A256GCM"}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":"DEF"}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","zip":null}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","p2c":1}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","crit":["exp"],"exp":1}"#, .criticalHeader),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","crit":[]}"#, .criticalHeader),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","b64":false}"#, .criticalHeader),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","typ":1}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM","cty":1}"#, .malformed),
        (#"{"alg":"RSA-OAEP","enc":"A256CTR"}"#, .algorithmNotAllowed),
        (#"{"alg":"RSA-OAEP","enc":"a256gcm"}"#, .algorithmNotAllowed),
        (#"{"alg":"RSA-OAEP","enc":"A256GCM "}"#, .algorithmNotAllowed),
        (#"{"alg":"RSA-OAEP-512","enc":"A256GCM"}"#, .algorithmNotAllowed),
        (#"{"alg":"ECDH-ES","enc":"A256GCM"}"#, .malformed),
        (#"{"alg":"ECDH-ES","enc":"A256GCM","epk":[]}"#, .malformed),
        (#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256"}}"#, .malformed),
        (#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"OKP","crv":"Ed25519","x":"AA"}}"#,
            .malformed),
    ] as [(String, JOSEError)])
    func header(json: String, expected: JOSEError) {
        let text = Base64URL.encode(Array(json.utf8)) + ".AA.AA.AA.AA"
        #expect(throws: expected) { try UnopenedJWE(text) }
    }

    // MARK: What is inside

    @Test("HDR-10 cty JWT in any case marks nesting, and nothing else does", arguments: [
        ("JWT", true), ("jwt", true), ("application/jwt", true), (nil, false), ("", false),
        ("at+jwt", false), ("JSON", false), ("JWT ", false), ("text/jwt", false),
    ] as [(String?, Bool)])
    func contentType(type: String?, isGood: Bool) throws {
        let token = Self.p256.encrypt(inner, type: type.map { ByteString($0) })
        let keys = try Self.keys(Self.p256)
        if isGood {
            #expect(try Self.open(token, keys).text == inner)
        } else {
            #expect(throws: JOSEError.notSigned) { try Self.open(token, keys) }
        }
    }

    @Test("HDR-11 Claims in the header must equal the signed ones", arguments: [
        (["iss": "https://idp.example"], true), (["sub": "u1", "aud": "api"], true),
        (["iss": "https://evil.example"], false), (["sub": "admin"], false),
        (["aud": .array(["api"])], false), (["aud": .null], false),
        (["exp": 1, "jti": "x"], true),
    ] as [(JSONObject, Bool)])
    func replicated(claims: JSONObject, isGood: Bool) throws {
        let changes = EncryptionForge.Changes(
            header: claims.members.map { ($0.name, $0.value) })
        let token = Self.p256.encrypt(inner, changes: changes)
        let keys = try Self.keys(Self.p256)
        if isGood {
            #expect(try Self.open(token, keys).text == inner)
        } else {
            #expect(throws: JOSEError.replicatedClaim) { try Self.open(token, keys) }
        }
    }
}
