import Cryptography
import Encodings
import JOSE
import Synchronization
import Testing
import TokenForge

private let signer = TokenForge()
private let inner = signer.token(["iss": "https://idp.example", "sub": "u1", "aud": "api"])
private let rsa = EncryptedTokenTests.rsa
private let p256 = EncryptedTokenTests.p256

private func open(_ text: ByteString, _ forges: EncryptionForge...) throws(JOSEError) {
    let keys = DecryptionKeys(forges.compactMap { try? DecryptionKey($0.privateJWK) })
    _ = try NestedToken(opening: text, with: keys, SystemRandom())
}

private func bent(_ text: ByteString, part: Int, _ change: ([UInt8]) -> [UInt8]) -> ByteString {
    var parts = text.bytes.split(separator: 0x2E, omittingEmptySubsequences: false).map(Array.init)
    let bytes = Base64URL.decode(ByteString(parts[part])) ?? []
    parts[part] = Base64URL.encode(change(bytes)).bytes
    return ByteString(Array(parts.joined(separator: [0x2E])))
}

@Suite("Attacks by encryption")
struct EncryptionAttackTests {
    @Test(
        "JWE-01 ALG-03 RSA1_5, dir, symmetric wrapping and PBES2 are refused before there is a key",
        arguments: [
            "RSA1_5", "dir", "A128KW", "A192KW", "A256KW", "A128GCMKW", "A192GCMKW", "A256GCMKW",
            "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW", "none", "RS256",
            "HS256", "rsa-oaep", "RSA-OAEP ", "ECDH-ES+A128GCMKW", "ECDH-1PU", "",
        ])
    func refusedAlgorithms(name: String) {
        let name = ByteString(name)
        for forge in [rsa, p256] {
            let token = forge.encrypt(inner, changes: .init("alg", .string(name)))
            // Reading alone refuses it: no key is at hand that could be used.
            #expect(throws: JOSEError.algorithmNotAllowed) { try UnopenedJWE(token) }
            #expect(throws: JOSEError.algorithmNotAllowed) { try open(token, rsa, p256) }
        }
    }

    @Test("JWE-10 LIM-19 zip bomb: a compressed token is refused, whatever it would inflate to")
    func zipBomb() {
        for value: JSONValue in ["DEF", "GZIP", "", .null, 1] {
            let token = rsa.encrypt(inner, changes: .init("zip", value))
            #expect(throws: JOSEError.malformed) { try UnopenedJWE(token) }
        }
    }

    @Test("JWE-03 PBES2 bomb: p2c makes nobody count")
    func iterationBomb() {
        let header: [(ByteString, JSONValue?)] = [
            ("alg", "PBES2-HS256+A128KW"), ("p2s", "AAAAAAAAAAA"), ("p2c", 2_147_483_647),
        ]
        let token = rsa.encrypt(inner, changes: .init(header: header))
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(throws: JOSEError.malformed) { try open(token, rsa) }
        }
        #expect(time < .milliseconds(100))
    }

    @Test("JWE-04 Invalid curve: a point off the curve, at infinity or of another curve is refused")
    func invalidCurve() throws {
        let p384 = EncryptionForge(keyID: "e1", kind: .elliptic("P-384"))
        let x25519 = EncryptionForge(keyID: "e1", kind: .x25519)
        func epk(_ members: JSONObject) -> ByteString {
            p256.encrypt(inner, changes: .init("epk", .object(members)))
        }
        func text(_ count: Int, _ last: UInt8) -> JSONValue {
            .string(Base64URL.encode([UInt8](repeating: 0, count: count - 1) + [last]))
        }
        for (x, y) in [
            (text(32, 0), text(32, 0)), (text(32, 1), text(32, 1)), (text(31, 1), text(32, 1)),
            (text(33, 1), text(32, 1)), ("", ""),
        ] {
            let token = epk(["kty": "EC", "crv": "P-256", "x": x, "y": y])
            #expect(throws: JOSEError.decryptionFailed) { try open(token, p256) }
        }
        for foreign in [p384, x25519] {
            #expect(throws: JOSEError.unknownDecryptionKey) {
                try open(foreign.encrypt(inner), p256)
            }
        }
        for token in [
            epk(["kty": "EC", "crv": "secp256k1", "x": text(32, 1), "y": text(32, 1)]),
            epk(["kty": "EC", "crv": "p-256", "x": text(32, 1), "y": text(32, 1)]),
            epk(["kty": "EC", "crv": "P-256", "x": text(32, 1)]),
            epk(["kty": "oct", "k": "AAAA"]),
        ] {
            #expect(throws: JOSEError.malformed) { try open(token, p256) }
        }
    }

    @Test("JWE-04 Points of small order on X25519 and X448 agree on nothing", arguments: [
        (EncryptionForge.Kind.x25519, 32), (.x448, 56),
    ])
    func smallOrder(kind: EncryptionForge.Kind, count: Int) throws {
        let forge = EncryptionForge(kind: kind)
        for first: UInt8 in [0, 1] {
            let x = Base64URL.encode([first] + [UInt8](repeating: 0, count: count - 1))
            let curve: JSONValue = kind == .x448 ? "X448" : "X25519"
            let epk: JSONObject = ["kty": "OKP", "crv": curve, "x": .string(x)]
            let token = forge.encrypt(inner, changes: .init("epk", .object(epk)))
            #expect(throws: JOSEError.decryptionFailed) { try open(token, forge) }
        }
    }

    @Test("FMT-12 JWE-11 Claims encrypted to our public key and signed by nobody are no token")
    func unsignedClaims() {
        for content: ByteString in [
            #"{"iss":"https://idp.example","sub":"admin","aud":"api"}"#, "", ".", "..", "a.b",
        ] {
            #expect(throws: (any Error).self) {
                let keys = DecryptionKeys([try DecryptionKey(p256.privateJWK)])
                let token = try NestedToken(
                    opening: p256.encrypt(content), with: keys, SystemRandom())
                _ = try UnverifiedJWS(token.text)
            }
        }
        let claims = p256.encrypt(#"{"iss":"https://idp.example"}"#)
        #expect(throws: JOSEError.notSigned) { try open(claims, p256) }
    }

    @Test("ALG-03 JWE-11 SIG-09 What is inside is checked as if it had come alone")
    func badInside() throws {
        let keys = DecryptionKeys([try DecryptionKey(p256.privateJWK)])
        let set = try KeySet.parse(signer.jwks)
        func verify(_ content: ByteString) throws {
            let token = try NestedToken(
                opening: p256.encrypt(content), with: keys, SystemRandom())
            _ = try UnverifiedJWS(token.text)
                .verify(with: set, allowing: SignatureAlgorithm.supported)
        }
        try verify(inner)
        let none = Base64URL.encode(Array(#"{"alg":"none"}"#.utf8)) + ".e30."
        #expect(throws: JOSEError.malformed) { try verify(none) }
        #expect(throws: JOSEError.algorithmNotAllowed) { try verify(none + "AA") }
        let forged = TokenForge(keyID: "k1", seed: 9).token(["iss": "https://idp.example"])
        #expect(throws: JOSEError.badSignature) { try verify(forged) }
    }

    @Test("HDR-10 An encrypted token in an encrypted token is not opened")
    func nested() {
        let twice = p256.encrypt(p256.encrypt(inner))
        #expect(throws: JOSEError.notSigned) { try open(twice, p256) }
    }

    @Test("JWE-13 A swapped kid leads to a key that opens nothing, or to none")
    func swappedKeyID() {
        let other = EncryptionForge(keyID: "e9")
        let swapped = p256.encrypt(inner, changes: .init("kid", "e9"))
        #expect(throws: JOSEError.decryptionFailed) { try open(swapped, p256, other) }
        let crossed = p256.encrypt(inner, changes: .init("kid", "r1"))
        #expect(throws: JOSEError.unknownDecryptionKey) { try open(crossed, p256, rsa) }
    }

    @Test("JWE-05 ECDH-ES with an encrypted key is refused")
    func extraKey() {
        for extra: [UInt8] in [[0], [UInt8](repeating: 1, count: 40)] {
            let token = bent(p256.encrypt(inner), part: 1) { _ in extra }
            #expect(throws: JOSEError.decryptionFailed) { try open(token, p256) }
        }
    }

    @Test("JWE-06 A content key of another length than enc needs is refused", arguments: [
        0, 15, 16, 24, 31, 33, 48, 64,
    ])
    func contentKeyLength(count: Int) {
        let key = [UInt8](repeating: 7, count: count)
        let token = rsa.encrypt(inner, "RSA-OAEP-256", "A256GCM", changes: .init(contentKey: key))
        #expect(throws: JOSEError.decryptionFailed) { try open(token, rsa) }
    }

    @Test("JWE-06 JWE-07 JWE-08 JWE-09 TRP-29 Whatever is bent, one and the same error follows",
        arguments: EncryptedTokenTests.encryptions)
    func bentParts(encryption: ByteString) {
        for forge in [rsa, p256] {
            let algorithm: ByteString = forge === rsa ? "RSA-OAEP" : "ECDH-ES+A256KW"
            let good = forge.encrypt(inner, algorithm, encryption)
            for part in 1...4 {
                let changes: [([UInt8]) -> [UInt8]] = [
                    { _ in [] }, { Array($0.dropLast()) }, { $0 + [0] }, { Array($0.dropFirst()) },
                    { Array($0.prefix(4)) }, { Array($0.prefix(8)) }, { $0 + $0 },
                    { [$0[0] ^ 1] + $0.dropFirst() }, { $0.dropLast() + [$0[$0.count - 1] ^ 0x80] },
                    { [UInt8](repeating: 0, count: $0.count) },
                ]
                for change in changes {
                    let token = bent(good, part: part, change)
                    #expect(throws: JOSEError.decryptionFailed) { try open(token, forge) }
                }
            }
            // JWE-07: the header's text is part of what is authenticated.
            let renamed = bent(good, part: 0) { $0.dropLast() + Array(#","x":1}"#.utf8) }
            #expect(throws: JOSEError.decryptionFailed) { try open(renamed, forge) }
        }
    }

    @Test("JWE-09 Where the key can not be had, the content is tried all the same, with a random one")
    func randomKey() throws {
        let counter = CountingRandom()
        let keys = DecryptionKeys([try DecryptionKey(rsa.privateJWK)])
        func fails(_ token: ByteString) {
            #expect(throws: JOSEError.decryptionFailed) {
                try NestedToken(opening: token, with: keys, counter)
            }
        }
        let good = rsa.encrypt(inner)
        fails(bent(good, part: 4) { [$0[0] ^ 1] + $0.dropFirst() })
        #expect(counter.asked == [])
        fails(bent(good, part: 1) { [$0[0] ^ 1] + $0.dropFirst() })
        fails(rsa.encrypt(inner, "RSA-OAEP-256", "A256GCM", changes: .init(contentKey: [1, 2])))
        #expect(counter.asked == [32, 32])
    }
}

private final class CountingRandom: RandomSource {
    private let counts = Mutex<[Int]>([])
    var asked: [Int] { counts.withLock { $0 } }

    func bytes(_ count: Int) -> [UInt8]? {
        counts.withLock { $0.append(count) }
        return SystemRandom().bytes(count)
    }
}
