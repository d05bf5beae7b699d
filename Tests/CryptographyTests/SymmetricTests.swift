import Cryptography
import Encodings
import Testing

private func hex(_ text: ByteString) -> [UInt8] { Hexadecimal.decode(text) ?? [] }

@Suite("Digests, derived keys and sealed texts")
struct SymmetricTests {
    @Test("The digest of abc is the one that FIPS 180-4 shows")
    func digests() {
        let abc = Array("abc".utf8)
        let expected: ByteString =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Hexadecimal.encode(Digest.sha256(abc)) == expected)
        #expect(Hexadecimal.encode(Digest.sha256("abc" as ByteString)) == expected)
        #expect(Digest.sha384(abc).starts(with: hex("cb00753f45a35e8bb5a03d699ac65007")))
        #expect(Digest.sha512(abc).starts(with: hex("ddaf35a193617abacc417349ae204131")))
        #expect(Hexadecimal.encode(Digest.sha256([])).hasPrefix("e3b0c44298fc1c149afbf4c8996fb924"))
    }

    @Test("The HMAC is that of RFC 4231, case 2")
    func hmac() {
        let code = HMAC.sha256(
            key: Array("Jefe".utf8), message: Array("what do ya want for nothing?".utf8))
        #expect(
            Hexadecimal.encode(code)
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("An empty key makes the same code as a zero byte, and never that of the key before")
    func emptyKey() {
        _ = HMAC.sha256(key: [1, 2, 3], message: [])
        #expect(HMAC.sha256(key: [], message: []) == HMAC.sha256(key: [0], message: []))
        #expect(HMAC.sha256(key: [], message: []) != HMAC.sha256(key: [1, 2, 3], message: []))
    }

    @Test("The derived key is that of RFC 5869, A.1 and A.3")
    func hkdf() throws {
        let key = [UInt8](repeating: 0x0B, count: 22)
        let salted = try #require(
            HKDF.sha256(
                key: key, salt: hex("000102030405060708090a0b0c"),
                info: hex("f0f1f2f3f4f5f6f7f8f9"), count: 42))
        #expect(
            salted
                == hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
                + hex("34007208d5b887185865"))
        let bare = try #require(HKDF.sha256(key: key, salt: [], info: [], count: 42))
        #expect(Hexadecimal.encode(bare).hasPrefix("8da4e775a563c18f715f802a063c5a31"))
    }

    @Test("A key that can not be derived is none", arguments: [0, -1, 8_161])
    func hkdfLimits(count: Int) {
        #expect(HKDF.sha256(key: [1], salt: [], info: [], count: count) == nil)
        #expect(HKDF.sha256(key: [], salt: [], info: [], count: 32) == nil)
    }

    static let key = (0..<32).map { UInt8($0) }
    static let nonce = (0..<12).map { UInt8($0) }

    @Test("What was sealed opens again, whatever its length", arguments: [0, 1, 15, 16, 17, 5_000])
    func sealing(count: Int) throws {
        let text = [UInt8](repeating: 0x61, count: count)
        for additional: [UInt8] in [[], [1, 2, 3]] {
            let sealed = try #require(
                AES256GCM.seal(
                    key: Self.key, nonce: Self.nonce, plaintext: text, additional: additional))
            #expect(sealed.count == count + 16)
            #expect(
                AES256GCM.open(
                    key: Self.key, nonce: Self.nonce, ciphertext: sealed, additional: additional)
                    == text)
        }
    }

    @Test("The sealed text is the one that another library makes")
    func knownAnswer() {
        let sealed = AES256GCM.seal(
            key: Self.key, nonce: Self.nonce, plaintext: Array("the plain text".utf8),
            additional: Array("bound".utf8))
        #expect(
            sealed
                == hex("336ab33bb589a372e361e3eec99d2d")
                + hex("2b68a26ab8044dc34f577c7ab8d4d3"))
    }

    @Test("COK-17 One changed bit anywhere opens nothing")
    func tampering() throws {
        let text = Array("attack at dawn".utf8)
        let sealed = try #require(
            AES256GCM.seal(key: Self.key, nonce: Self.nonce, plaintext: text, additional: [7]))
        func open(_ sealed: [UInt8], key: [UInt8] = Self.key, nonce: [UInt8] = Self.nonce,
            additional: [UInt8] = [7]) -> [UInt8]?
        {
            AES256GCM.open(key: key, nonce: nonce, ciphertext: sealed, additional: additional)
        }
        #expect(open(sealed) == text)
        for index in sealed.indices {
            var bent = sealed
            bent[index] ^= 1
            #expect(open(bent) == nil)
            #expect(open(Array(sealed[..<index])) == nil)
        }
        #expect(open(sealed + [0]) == nil)
        #expect(open(sealed, key: Self.key.reversed()) == nil)
        #expect(open(sealed, nonce: Self.nonce.reversed()) == nil)
        #expect(open(sealed, additional: []) == nil)
        #expect(open(sealed, additional: [7, 7]) == nil)
    }

    @Test("Keys and nonces of another length are refused")
    func lengths() {
        #expect(AES256GCM.seal(key: [1], nonce: Self.nonce, plaintext: [], additional: []) == nil)
        #expect(AES256GCM.seal(key: Self.key, nonce: [1], plaintext: [], additional: []) == nil)
        #expect(AES256GCM.open(key: Self.key, nonce: [], ciphertext: [], additional: []) == nil)
    }

    @Test("HYG-02 Random bytes come in the number asked for, and differ")
    func random() throws {
        let source = SystemRandom()
        let first = try #require(source.bytes(32))
        #expect(first.count == 32)
        #expect(source.bytes(32) != first)
        #expect(source.bytes(0) == [])
        #expect(source.bytes(-1) == nil)
        #expect(source.bytes(1 << 33) == nil)
    }
}
