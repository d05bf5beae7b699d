import COpenSSL
package import Encodings

/// A key pair of an API, and the provider's side of it: encrypts whatever a test asks for.
///
/// The key derivation is written out here and not left to OpenSSL, as it is in what is tested.
package final class EncryptionForge: @unchecked Sendable {
    package enum Kind: Hashable, Sendable {
        case rsa(bits: Int32)
        /// `P-256`, `P-384`, `P-521`
        case elliptic(ByteString)
        case x25519, x448
        /// What must be refused as a key for encryption.
        case ed25519, secp256k1
    }

    package let keyID: ByteString
    package let kind: Kind
    let pair: OpaquePointer

    package init(keyID: ByteString = "e1", kind: Kind = .elliptic("P-256")) {
        self.keyID = keyID
        self.kind = kind
        pair = kind.newPair()
    }
    deinit { EVP_PKEY_free(pair) }

    /// What a test changes of a token that would be good.
    package struct Changes {
        /// Put into the header after everything else; nil takes away.
        package var header: [(ByteString, JSONValue?)] = []
        /// Instead of a fresh one of the right length.
        package var contentKey: [UInt8]?

        package init(header: [(ByteString, JSONValue?)] = [], contentKey: [UInt8]? = nil) {
            self.header = header
            self.contentKey = contentKey
        }
        package init(_ name: ByteString, _ value: JSONValue?) { header = [(name, value)] }
    }

    /// - Parameters:
    ///   - algorithm: `alg`; for a refused one the key is wrapped as for the key's usual one.
    ///   - type: `cty`.
    package func encrypt(
        _ content: ByteString, _ algorithm: ByteString? = nil,
        _ encryption: ByteString = "A256GCM", type: ByteString? = "JWT",
        changes: Changes = Changes()
    ) -> ByteString {
        let algorithm = algorithm ?? usualAlgorithm
        let cipher = ContentForge(encryption)
        var header = JSONObject([
            "alg": .string(algorithm), "enc": .string(encryption), "kid": .string(keyID),
        ])
        if let type { header.append("cty", .string(type)) }
        let fresh = changes.contentKey ?? randomBytes(cipher.keyCount)
        var (contentKey, encryptedKey) = (fresh, [UInt8]())
        if case .rsa = kind {
            encryptedKey = wrapRSA(fresh, isSHA256: algorithm != "RSA-OAEP")
        } else {
            let ephemeral = kind.newPair()
            defer { EVP_PKEY_free(ephemeral) }
            header.append("epk", .object(publicMembers(of: ephemeral, kind)))
            let secret = derive(ephemeral, pair)
            if let wrapping = Self.wrappingCount(algorithm) {
                let key = Self.concatKDF(secret, algorithm, wrapping)
                encryptedKey = wrapAES(fresh, key)
            } else {
                contentKey = Self.concatKDF(secret, encryption, cipher.keyCount)
            }
        }
        for (name, value) in changes.header { header[name] = value }
        let text = Base64URL.encode(header.serialized.bytes)
        let (initialisation, ciphertext, tag) = cipher.seal(
            content.bytes, key: contentKey, additional: text.bytes)
        return [encryptedKey, initialisation, ciphertext, tag].reduce(text) {
            $0 + "." + Base64URL.encode($1)
        }
    }

    package var usualAlgorithm: ByteString {
        if case .rsa = kind { "RSA-OAEP-256" } else { "ECDH-ES" }
    }

    // MARK: The key, as operators write it

    package var pem: ByteString { text { PEM_write_bio_PrivateKey($0, pair, nil, nil, 0, nil, nil) } }
    package var publicPEM: ByteString { text { PEM_write_bio_PUBKEY($0, pair) } }
    package func encryptedPEM(_ passphrase: String) -> ByteString {
        text {
            PEM_write_bio_PKCS8PrivateKey(
                $0, pair, EVP_aes_128_cbc(), passphrase, Int32(passphrase.utf8.count), nil, nil)
        }
    }

    private func text(_ write: (OpaquePointer?) -> Int32) -> ByteString {
        let file = BIO_new(BIO_s_mem())
        defer { BIO_free(file) }
        precondition(write(file) == 1, "OpenSSL can not write the key")
        var bytes = [UInt8](repeating: 0, count: 16_384)
        let count = BIO_read(file, &bytes, Int32(bytes.count))
        return ByteString(bytes.prefix(Int(count)))
    }

    package var privateJWK: JSONObject {
        var object = publicMembers(of: pair, kind)
        switch kind {
        case .rsa:
            for (name, parameter) in [
                ("d", "d"), ("p", "rsa-factor1"), ("q", "rsa-factor2"), ("dp", "rsa-exponent1"),
                ("dq", "rsa-exponent2"), ("qi", "rsa-coefficient1"),
            ] as [(ByteString, String)] {
                object[name] = .string(Base64URL.encode(number(parameter, of: pair, nil)))
            }
        case .elliptic:
            object["d"] = .string(Base64URL.encode(number("priv", of: pair, kind.count)))
        default:
            var bytes = [UInt8](repeating: 0, count: kind.count)
            var count = bytes.count
            precondition(EVP_PKEY_get_raw_private_key(pair, &bytes, &count) == 1)
            object["d"] = .string(Base64URL.encode(bytes))
        }
        object["kid"] = .string(keyID)
        return object
    }

    private func publicMembers(of key: OpaquePointer, _ kind: Kind) -> JSONObject {
        switch kind {
        case .rsa:
            return [
                "kty": "RSA", "n": .string(Base64URL.encode(number("n", of: key, nil))),
                "e": .string(Base64URL.encode(number("e", of: key, nil))),
            ]
        case .elliptic(let name):
            return [
                "kty": "EC", "crv": .string(name),
                "x": .string(Base64URL.encode(number("qx", of: key, kind.count))),
                "y": .string(Base64URL.encode(number("qy", of: key, kind.count))),
            ]
        default:
            var bytes = [UInt8](repeating: 0, count: kind.count)
            var count = bytes.count
            precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1)
            return [
                "kty": "OKP", "crv": .string(kind == .x448 ? "X448" : "X25519"),
                "x": .string(Base64URL.encode(bytes)),
            ]
        }
    }

    private func number(_ name: String, of key: OpaquePointer, _ count: Int?) -> [UInt8] {
        var value: OpaquePointer?
        precondition(EVP_PKEY_get_bn_param(key, name, &value) == 1, "no \(name)")
        defer { BN_free(value) }
        var bytes = [UInt8](repeating: 0, count: count ?? (Int(BN_num_bits(value)) + 7) / 8)
        precondition(BN_bn2binpad(value, &bytes, Int32(bytes.count)) >= 0)
        return bytes
    }

    // MARK: How the content's key travels

    private func wrapRSA(_ key: [UInt8], isSHA256: Bool) -> [UInt8] {
        let context = EVP_PKEY_CTX_new_from_pkey(nil, pair, nil)
        defer { EVP_PKEY_CTX_free(context) }
        let hash = isSHA256 ? EVP_sha256() : EVP_sha1()
        var output = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(pair)))
        var count = output.count
        let isDone =
            EVP_PKEY_encrypt_init(context) == 1
            && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_oaep_md(context, hash) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1
            && EVP_PKEY_encrypt(context, &output, &count, key, key.count) == 1
        precondition(isDone, "OpenSSL can not encrypt")
        return output
    }

    private func derive(_ own: OpaquePointer, _ peer: OpaquePointer) -> [UInt8] {
        let context = EVP_PKEY_CTX_new_from_pkey(nil, own, nil)
        defer { EVP_PKEY_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: 66)
        var count = output.count
        let isDone =
            EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1
            && EVP_PKEY_derive(context, &output, &count) == 1
        precondition(isDone, "OpenSSL can not agree")
        return Array(output.prefix(count))
    }

    private func wrapAES(_ key: [UInt8], _ wrapping: [UInt8]) -> [UInt8] {
        let ciphers = [16: EVP_aes_128_wrap(), 24: EVP_aes_192_wrap(), 32: EVP_aes_256_wrap()]
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
        var output = [UInt8](repeating: 0, count: key.count + 16)
        var count: Int32 = 0
        let isDone =
            EVP_EncryptInit_ex(context, ciphers[wrapping.count] ?? nil, nil, wrapping, nil) == 1
            && EVP_EncryptUpdate(context, &output, &count, key, Int32(key.count)) == 1
        precondition(isDone, "OpenSSL can not wrap")
        return Array(output.prefix(Int(count)))
    }

    private static func wrappingCount(_ algorithm: ByteString) -> Int? {
        switch algorithm {
        case "ECDH-ES+A128KW": 16
        case "ECDH-ES+A192KW": 24
        case "ECDH-ES+A256KW": 32
        default: nil
        }
    }

    /// - Source: RFC 7518 §4.6.2, without apu and apv.
    private static func concatKDF(
        _ secret: [UInt8], _ algorithm: ByteString, _ count: Int
    ) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { [0, 0, UInt8(value >> 8), UInt8(value & 0xFF)] }
        let info = number(algorithm.count) + algorithm.bytes + number(0) + number(0)
            + number(count * 8)
        var output: [UInt8] = []
        for round in 1...2 {
            let input = number(round) + secret + info
            var digest = [UInt8](repeating: 0, count: 32)
            precondition(EVP_Digest(input, input.count, &digest, nil, EVP_sha256(), nil) == 1)
            output += digest
        }
        return Array(output.prefix(count))
    }
}

func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    precondition(RAND_bytes(&bytes, Int32(count)) == 1, "no randomness")
    return bytes
}

extension EncryptionForge.Kind {
    var count: Int {
        switch self {
        case .elliptic("P-384"): 48
        case .elliptic("P-521"): 66
        case .x448: 56
        default: 32
        }
    }

    func newPair() -> OpaquePointer {
        let (type, group): (String, String?) =
            switch self {
            case .rsa: ("RSA", nil)
            case .elliptic(let name): ("EC", name.string)
            case .x25519: ("X25519", nil)
            case .x448: ("X448", nil)
            case .ed25519: ("ED25519", nil)
            case .secp256k1: ("EC", "secp256k1")
            }
        let context = EVP_PKEY_CTX_new_from_name(nil, type, nil)
        defer { EVP_PKEY_CTX_free(context) }
        precondition(EVP_PKEY_keygen_init(context) == 1)
        if case .rsa(let bits) = self {
            precondition(EVP_PKEY_CTX_set_rsa_keygen_bits(context, bits) == 1)
        }
        if let group { precondition(EVP_PKEY_CTX_set_group_name(context, group) == 1) }
        var key: OpaquePointer?
        precondition(EVP_PKEY_generate(context, &key) == 1)
        guard let key else { preconditionFailure("no key") }
        return key
    }
}
