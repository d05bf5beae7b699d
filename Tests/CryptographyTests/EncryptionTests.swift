import COpenSSL
import Cryptography
import Encodings
import Testing

private func hex(_ text: ByteString) -> [UInt8] { Hexadecimal.decode(text) ?? [] }
private func base64url(_ text: ByteString) -> [UInt8] { Base64URL.decode(text) ?? [] }

@Suite("Opening what is encrypted")
struct EncryptionTests {
    @Test("AES key wrap opens the examples of RFC 3394 §4", arguments: [
        ("000102030405060708090A0B0C0D0E0F",
            "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
            "00112233445566778899AABBCCDDEEFF"),
        ("000102030405060708090A0B0C0D0E0F1011121314151617",
            "96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
            "00112233445566778899AABBCCDDEEFF"),
        ("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
            "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
            "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F"),
    ] as [(ByteString, ByteString, ByteString)])
    func keyWrap(key: ByteString, wrapped: ByteString, expected: ByteString) {
        #expect(AESKeyWrap.unwrap(hex(wrapped), key: hex(key)) == hex(expected))
        for index in hex(wrapped).indices {
            var bad = hex(wrapped)
            bad[index] ^= 1
            #expect(AESKeyWrap.unwrap(bad, key: hex(key)) == nil)
        }
        for count in [0, 8, 16, 17, 80, 4_096] {
            let text = [UInt8](repeating: 0, count: count)
            #expect(AESKeyWrap.unwrap(text, key: hex(key)) == nil)
        }
        #expect(AESKeyWrap.unwrap(hex(wrapped), key: [1]) == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test("JWE-04 Agreement and key derivation give what RFC 7518, appendix C, says")
    func agreement() throws {
        let ours = try PrivateKey(
            curve: .p256, x: base64url("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
            y: base64url("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"),
            d: base64url("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"))
        let theirs = try #require(
            PublicKey(
                curve: .p256, x: base64url("gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0"),
                y: base64url("SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps")))
        let secret = try #require(ours.agree(with: theirs))
        let info = hex(
            "000000074131323847434d00000005416c69636500000003426f6200000080")
        #expect(
            ConcatKDF.sha256(secret: secret, info: info, count: 16)
                == base64url("VqqN6vgjbSBcIijNcacQGg"))
        #expect(ConcatKDF.sha256(secret: secret, info: info, count: 0) == nil)
        #expect(ConcatKDF.sha256(secret: secret, info: info, count: 65) == nil)
        #expect(ConcatKDF.sha256(secret: [], info: info, count: 16) == nil)
        let p384 = PublicKey(curve: .p384, x: hex("00"), y: hex("00"))
        #expect(p384 == nil)
        let other = try #require(PublicKey(.x25519, point: [9] + [UInt8](repeating: 0, count: 31)))
        #expect(ours.agree(with: other) == nil)
        #expect(ours.decryptOAEP([1], hash: .sha256) == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test("JWE-06 JWE-08 TRP-29 CBC with HMAC opens the example of RFC 7518, appendix B.1, and nothing else")
    func cbc() {
        let key = Array(UInt8(0)...31)
        let initialisation = hex("1af38c2dc2b96ffdd86694092341bc04")
        let additional = Array("The second principle of Auguste Kerckhoffs".utf8)
        let ciphertext = hex(
            "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c"
                + "5f10f9aef71427e2fc6f9b3f399a221489f16362c703233609d45ac69864e3321cf82935ac4096c8"
                + "6e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158ee5d79de59fbd34d848b3d69550"
                + "a67646344427ade54b8851ffb598f7f80074b9473c82e2db")
        let tag = hex("652c3fa36b0a7c5b3219fab3a30bc1c4")
        func open(
            _ key: [UInt8], _ initialisation: [UInt8], _ text: [UInt8], _ tag: [UInt8],
            _ additional: [UInt8] = additional
        ) -> [UInt8]? {
            ContentCipher.aes128CBCSHA256.open(
                key: key, initialisation: initialisation, ciphertext: text, tag: tag,
                additional: additional)
        }
        func bent(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
            var bytes = bytes
            bytes[index] ^= 1
            return bytes
        }
        #expect(
            open(key, initialisation, ciphertext, tag).map { ByteString($0) }?
                .hasPrefix("A cipher system must not be required to be secret") == true)
        #expect(open(key, initialisation, ciphertext, Array(tag.dropLast())) == nil)
        #expect(open(key, initialisation, ciphertext, tag + [0]) == nil)
        #expect(open(key, initialisation, ciphertext, []) == nil)
        #expect(open(key, Array(initialisation.dropLast()), ciphertext, tag) == nil)
        #expect(open(Array(key.dropLast()), initialisation, ciphertext, tag) == nil)
        #expect(open(key, initialisation, Array(ciphertext.dropLast()), tag) == nil)
        #expect(open(key, initialisation, [], tag) == nil)
        // With a bad code it matters not whether the padding would be good: it is in the first
        // loop, and in the second but for the last two blocks.
        for index in tag.indices {
            #expect(open(key, initialisation, ciphertext, bent(tag, index)) == nil)
        }
        for index in ciphertext.indices {
            #expect(open(key, initialisation, bent(ciphertext, index), tag) == nil)
        }
        for index in initialisation.indices {
            #expect(open(key, bent(initialisation, index), ciphertext, tag) == nil)
        }
        #expect(open(key, initialisation, ciphertext, tag, bent(additional, 0)) == nil)
        #expect(open(key, initialisation, ciphertext, tag, []) == nil)
        #expect(ERR_peek_error() == 0)
    }

    /// One byte, encrypted with a key of ones and a nonce of zeros; behind it stands the tag.
    @Test("JWE-06 GCM takes 12 bytes of IV and 16 of tag, no others", arguments: [
        (.aes128GCM, "f2d78819bd607044f5d4b0bdc7dee050b9", "d083d101b71415e57b81f85b5ea066040f"),
        (.aes192GCM, "6412756cdc0e29a97ae67577547db5b738", "aa7086ddb971f3212b3327a186b5ff5ef8"),
        (.aes256GCM, "be8115c240653695d0ade5c1b1b966a67c", "705c33eb89ac1cadb4a18db541b0369ec6"),
    ] as [(ContentCipher, ByteString, ByteString)])
    func gcm(cipher: ContentCipher, good: ByteString, of16BytesOfIV: ByteString) {
        func open(_ text: [UInt8], ivCount: Int, tagCount: Int = 16) -> [UInt8]? {
            cipher.open(
                key: [UInt8](repeating: 1, count: cipher.keyCount),
                initialisation: [UInt8](repeating: 0, count: ivCount),
                ciphertext: Array(text.prefix(1)),
                tag: Array((text.dropFirst() + [0]).prefix(tagCount)), additional: [])
        }
        #expect(open(hex(good), ivCount: 12) == [1])
        // The right tag, but for its end; and what is right for another IV.
        for tagCount in [0, 4, 8, 12, 15, 17] {
            #expect(open(hex(good), ivCount: 12, tagCount: tagCount) == nil)
        }
        #expect(open(hex(of16BytesOfIV), ivCount: 16) == nil)
        for ivCount in [0, 11, 13, 16] { #expect(open(hex(good), ivCount: ivCount) == nil) }
        #expect(ERR_peek_error() == 0)
    }
}
