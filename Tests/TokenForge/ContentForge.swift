import COpenSSL
import Encodings

/// Encrypts a content in one of the ways of RFC 7518 §5.
struct ContentForge {
    let keyCount: Int
    private let isGCM: Bool
    private let cipher: OpaquePointer?
    private let hash: OpaquePointer?

    /// - Parameter name: `enc`; an unknown one is done as A256GCM.
    init(_ name: ByteString) {
        isGCM = !name.bytes.contains(0x2D)
        switch name {
        case "A128GCM": (keyCount, cipher, hash) = (16, EVP_aes_128_gcm(), nil)
        case "A192GCM": (keyCount, cipher, hash) = (24, EVP_aes_192_gcm(), nil)
        case "A128CBC-HS256": (keyCount, cipher, hash) = (32, EVP_aes_128_cbc(), EVP_sha256())
        case "A192CBC-HS384": (keyCount, cipher, hash) = (48, EVP_aes_192_cbc(), EVP_sha384())
        case "A256CBC-HS512": (keyCount, cipher, hash) = (64, EVP_aes_256_cbc(), EVP_sha512())
        default: (keyCount, cipher, hash) = (32, EVP_aes_256_gcm(), nil)
        }
    }

    func seal(
        _ content: [UInt8], key: [UInt8], additional: [UInt8]
    ) -> (initialisation: [UInt8], ciphertext: [UInt8], tag: [UInt8]) {
        let initialisation = randomBytes(isGCM ? 12 : 16)
        // A key of another length is a test's wish: the text is then what it may be.
        let key = key + [UInt8](repeating: 0, count: max(0, keyCount - key.count))
        let context = EVP_CIPHER_CTX_new()
        defer { EVP_CIPHER_CTX_free(context) }
        var output = [UInt8](repeating: 0, count: content.count + 32)
        var (count, rest): (Int32, Int32) = (0, 0)
        let encryptionKey = isGCM ? key : Array(key.suffix(keyCount / 2))
        precondition(EVP_EncryptInit_ex(context, cipher, nil, encryptionKey, initialisation) == 1)
        if isGCM {
            let size = Int32(additional.count)
            precondition(EVP_EncryptUpdate(context, nil, &count, additional, size) == 1)
        }
        count = 0
        let size = Int32(content.count)
        precondition(EVP_EncryptUpdate(context, &output, &count, content, size) == 1)
        var last = [UInt8](repeating: 0, count: 32)
        precondition(EVP_EncryptFinal_ex(context, &last, &rest) == 1)
        let ciphertext = Array(output.prefix(Int(count))) + last.prefix(Int(rest))
        return (initialisation, ciphertext, tag(context, key, additional, initialisation, ciphertext))
    }

    private func tag(
        _ context: OpaquePointer?, _ key: [UInt8], _ additional: [UInt8],
        _ initialisation: [UInt8], _ ciphertext: [UInt8]
    ) -> [UInt8] {
        guard let hash else {
            var tag = [UInt8](repeating: 0, count: 16)
            precondition(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, &tag) == 1)
            return tag
        }
        let half = keyCount / 2
        let bits = additional.count * 8
        let length = (0..<8).reversed().map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
        let message = additional + initialisation + ciphertext + length
        var code = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        precondition(
            HMAC(hash, key, Int32(half), message, message.count, &code, &count) != nil)
        return Array(code.prefix(half))
    }
}
