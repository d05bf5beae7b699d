import Configuration
import Encodings
import JOSE
import Testing
import TokenForge

@Suite("Decryption keys")
struct DecryptionKeyTests {
    static let p256 = EncryptionForge(keyID: "e1")
    static let rsa = EncryptionForge(keyID: "r1", kind: .rsa(bits: 2_048))

    private static func file(_ text: ByteString) throws -> TemporaryFile {
        try TemporaryFile(text.string)
    }

    private static func build(_ files: TemporaryFile...) throws -> Provider.Tokens {
        var sample = try Sample()
        sample.provider["decryption_key_files"] =
            files.dropFirst().reduce(files.first?.path ?? "") { $0 + " " + $1.path }
        return try #require(try sample.build().providers["idp"]).tokens
    }

    private static func sentence(_ text: ByteString) throws -> String? {
        let file = try file(text)
        return refusal("provider/p", "decryption_key_files", file.path)
    }

    @Test("JWE-13 Keys are read from PEM, from JWKs and from sets of them")
    func kinds() throws {
        let others = [
            EncryptionForge(keyID: "e2", kind: .elliptic("P-384")),
            EncryptionForge(keyID: "e3", kind: .elliptic("P-521")),
            EncryptionForge(keyID: "x1", kind: .x25519), EncryptionForge(keyID: "x2", kind: .x448),
        ]
        for forge in others + [Self.p256, Self.rsa] {
            let pem = try Self.build(try Self.file(forge.pem))
            #expect(pem.decryptionKeys.keys.count == 1)
            #expect(pem.requiresEncryption)
            let jwk = try Self.build(try Self.file(forge.privateJWK.serialized))
            #expect(jwk.decryptionKeys.keys.map(\.keyID) == [forge.keyID])
        }
        let set = JSONObject([
            "keys": .array([.object(Self.p256.privateJWK), .object(Self.rsa.privateJWK)])
        ])
        let tokens = try Self.build(
            try Self.file("\n " + set.serialized), try Self.file(others[0].pem))
        #expect(tokens.decryptionKeys.keys.count == 3)
    }

    @Test("JWE-13 A key without kid goes by its file's name, without the ending")
    func fileName() throws {
        var nameless = Self.rsa.privateJWK
        nameless["kid"] = nil
        for text in [Self.p256.pem, nameless.serialized] {
            let file = try Self.file(text)
            let key = try #require(try Self.build(file).decryptionKeys.keys.first)
            let name = try #require(file.path.words(separatedBy: 0x2F).last)
            #expect(key.keyID == name)
            #expect(key.isNamedByFile)
        }
        let read = try DecryptionKeys.read(Secret(Self.p256.pem), fileName: "api-2026")
        #expect(read.first?.keyID == "api-2026")
    }

    @Test("JWE-13 KEY-01 KEY-08 CLI-05 Each mistake has a sentence that names file and reason, no key",
        arguments: [
            ("hello", "no private key"), ("{", "no private key"), ("{}", "public key"),
            (#"{"keys":[]}"#, "no private key"), (#"{"keys":[1]}"#, "no private key"),
            (#"{"kty":"oct","k":"c2VjcmV0","kid":"e1"}"#, "symmetric"),
            (#"{"kty":"EC","crv":"secp256k1","d":"AA","x":"AA","y":"AA"}"#, "opens no tokens"),
            (#"{"kty":"OKP","crv":"Ed25519","d":"AA","x":"AA"}"#, "opens no tokens"),
            (#"{"kty":"EC","crv":"P-256","d":"AA"}"#, "no private key"),
            (#"{"kty":"EC","crv":"P-256","d":"AA","x":"AA","y":"AA"}"#, "do not belong together"),
            (#"{"kty":"RSA","d":1,"use":1}"#, "no private key"),
        ] as [(String, String)])
    func mistakes(text: String, reason: String) throws {
        let sentence = try #require(try Self.sentence(ByteString(text)))
        #expect(sentence.hasPrefix(#""decryption_key_files" names ""#))
        #expect(sentence.contains(reason), "\(sentence)")
        #expect(!sentence.contains("c2VjcmV0"))
        #expect(!sentence.hasSuffix("..."))
    }

    @Test("JWE-13 KEY-06 A key for signing, or that may not decrypt, is refused", arguments: [
        ("use", "sig", "for signing"), ("use", "SIG", "for signing"), ("use", "", "for signing"),
        ("key_ops", .array(["sign"]), "for signing"),
        ("key_ops", .array(["verify", "deriveKey"]), "for signing"),
        ("key_ops", .array(["encrypt"]), "key_ops"), ("key_ops", .array([]), "key_ops"),
        ("key_ops", "deriveKey", "no private key"),
        ("alg", "ES256", "alg"), ("alg", "RSA-OAEP", "alg"), ("alg", "RSA1_5", "alg"),
        ("alg", "dir", "alg"), ("alg", 1, "no private key"), ("kid", 1, "no private key"),
    ] as [(ByteString, JSONValue, String)])
    func otherUses(name: ByteString, value: JSONValue, reason: String) throws {
        var jwk = Self.p256.privateJWK
        jwk[name] = value
        let sentence = try #require(try Self.sentence(jwk.serialized))
        #expect(sentence.contains(reason), "\(sentence)")
    }

    @Test("Keys for decrypting are taken", arguments: [
        ("use", "enc"), ("key_ops", .array(["deriveKey"])), ("key_ops", .array(["deriveBits"])),
        ("alg", "ECDH-ES"), ("alg", "ECDH-ES+A256KW"),
    ] as [(ByteString, JSONValue)])
    func rightUses(name: ByteString, value: JSONValue) throws {
        var jwk = Self.p256.privateJWK
        jwk[name] = value
        #expect(try Self.sentence(jwk.serialized) == nil)
    }

    @Test("JWE-13 PEM files of the wrong kind are told apart")
    func pem() throws {
        let small = EncryptionForge(kind: .rsa(bits: 1_024))
        for (text, reason) in [
            (Self.p256.publicPEM, "no private key"),
            (Self.p256.encryptedPEM("hunter2"), "passphrase"),
            (Self.p256.pem + Self.rsa.pem, "more than one PEM key"),
            (small.pem, "2,048 to 8,192 bits"), (small.privateJWK.serialized, "2,048 to 8,192"),
            (EncryptionForge(kind: .ed25519).pem, "opens no tokens"),
            (EncryptionForge(kind: .secp256k1).pem, "opens no tokens"),
        ] {
            let sentence = try #require(try Self.sentence(text))
            #expect(sentence.contains(reason), "\(sentence)")
        }
    }

    @Test("A JWK whose halves do not belong together is refused")
    func halves() throws {
        let other = EncryptionForge(keyID: "e1")
        var mixed = Self.p256.privateJWK
        mixed["d"] = other.privateJWK["d"]
        #expect(try Self.sentence(mixed.serialized)?.contains("belong together") == true)
        let (x, y) = (EncryptionForge(kind: .x25519), EncryptionForge(kind: .x25519))
        var octets = x.privateJWK
        octets["d"] = y.privateJWK["d"]
        #expect(try Self.sentence(octets.serialized)?.contains("belong together") == true)
        let second = EncryptionForge(kind: .rsa(bits: 2_048))
        for name: ByteString in ["n", "p", "dp", "qi"] {
            var rsa = Self.rsa.privateJWK
            rsa[name] = second.privateJWK[name]
            let sentence = try Self.sentence(rsa.serialized)
            // OpenSSL mends what it can compute itself.
            if name == "n" { #expect(sentence?.contains("belong together") == true) }
        }
    }

    @Test("The same key twice, and two keys that no token could tell apart, are refused")
    func twice() throws {
        let (pem, jwk) = (
            try Self.file(Self.p256.pem), try Self.file(Self.p256.privateJWK.serialized)
        )
        #expect(throws: ConfigurationError.self) { try Self.build(pem, jwk) }
        let namesake = try Self.file(EncryptionForge(keyID: "e1").privateJWK.serialized)
        #expect(throws: ConfigurationError.self) { try Self.build(jwk, namesake) }
        let other = try Self.file(EncryptionForge(keyID: "e1", kind: .x25519).privateJWK.serialized)
        #expect(try Self.build(jwk, other).decryptionKeys.keys.count == 2)
    }

    @Test("JWE-12 require_encryption needs keys, and keys need a policy that opens tokens")
    func context() throws {
        var sample = try Sample()
        sample.provider["require_encryption"] = "off"
        #expect(sample.refusal?.contains(#""decryption_key_files" is missing"#) == true)
        let file = try Self.file(Self.p256.pem)
        sample.provider["decryption_key_files"] = file.path
        #expect(try sample.build().providers["idp"]?.tokens.requiresEncryption == false)
        sample.bearer = [:]
        #expect(sample.refusal?.contains("has no effect") == true)
    }

    @Test("A key file that others can read is warned about")
    func permissions() throws {
        let file = try TemporaryFile(Self.p256.pem.string, mode: 0o644)
        var draft = ConfigurationDraft()
        try draft.set(section: "provider/p", name: "decryption_key_files", value: file.path)
        #expect(draft.warnings.contains { $0.string.contains("chmod 600") })
        #expect(refusal("provider/p", "decryption_key_files", "/nowhere/at/all.pem") != nil)
        #expect(refusal("provider/p", "decryption_key_files", "keys.pem") != nil)
    }
}
