import COpenSSL
import Encodings

/// How the content of an encrypted token is encrypted and authenticated, for reading.
/// - Source: RFC 7518 §5.2, §5.3.
package enum ContentCipher: Hashable, Sendable, CaseIterable {
    case aes128GCM, aes192GCM, aes256GCM
    /// AES-CBC with an HMAC of SHA-2, cut to half of its length.
    case aes128CBCSHA256, aes192CBCSHA384, aes256CBCSHA512

    /// Of the content encryption key, in bytes; of CBC both halves.
    package var keyCount: Int {
        switch self {
        case .aes128GCM: 16
        case .aes192GCM: 24
        case .aes256GCM, .aes128CBCSHA256: 32
        case .aes192CBCSHA384: 48
        case .aes256CBCSHA512: 64
        }
    }

    /// - Parameters:
    ///   - initialisation: 12 bytes for GCM, 16 for CBC.
    ///   - tag: in full: 16 bytes for GCM, half a key for CBC.
    ///   - additional: not encrypted, but bound to the text.
    /// - Returns: nil for a part of another length, and where anything is not what it was.  The
    ///   caller does not learn which: no part of a text that is not authentic is even decrypted.
    package func open(
        key: [UInt8], initialisation: [UInt8], ciphertext: [UInt8], tag: [UInt8],
        additional: [UInt8]
    ) -> [UInt8]? {
        func gcm(_ algorithm: CipherAlgorithm) -> [UInt8]? {
            GCM.open(
                algorithm, key: key, nonce: initialisation, ciphertext: ciphertext, tag: tag,
                additional: additional)
        }
        func cbc(_ algorithm: CipherAlgorithm, _ hash: DigestAlgorithm) -> [UInt8]? {
            openCBC(algorithm, hash, key, initialisation, ciphertext, tag, additional)
        }
        return switch self {
        case .aes128GCM: gcm(.aes128GCM)
        case .aes192GCM: gcm(.aes192GCM)
        case .aes256GCM: gcm(.aes256GCM)
        case .aes128CBCSHA256: cbc(.aes128CBC, .sha256)
        case .aes192CBCSHA384: cbc(.aes192CBC, .sha384)
        case .aes256CBCSHA512: cbc(.aes256CBC, .sha512)
        }
    }

    /// The MAC first: whether the padding is right may only matter for a text that is authentic
    /// (Vaudenay's attack; RFC 7518 §5.2.2.2).
    private func openCBC(
        _ algorithm: CipherAlgorithm, _ hash: DigestAlgorithm, _ key: [UInt8],
        _ initialisation: [UInt8], _ ciphertext: [UInt8], _ tag: [UInt8], _ additional: [UInt8]
    ) -> [UInt8]? {
        let half = algorithm.keyCount
        guard key.count == 2 &* half, initialisation.count == 16, tag.count == half,
            !ciphertext.isEmpty, ciphertext.count.isMultiple(of: 16)
        else { return nil }
        let bits = UInt64(additional.count) &* 8
        let length = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: bits >> UInt64($0))
        }
        let code = HMAC.code(
            hash, key: Array(key.prefix(half)),
            message: additional + initialisation + ciphertext + length)
        guard ConstantTime.equals(Array(code.prefix(half)), tag) else { return nil }
        return Self.decryptCBC(algorithm, Array(key.suffix(half)), initialisation, ciphertext)
    }

    /// Corresponds to `EVP_DecryptFinal_ex`, which takes the padding away.
    private static func decryptCBC(
        _ algorithm: CipherAlgorithm, _ key: [UInt8], _ initialisation: [UInt8],
        _ ciphertext: [UInt8]
    ) -> [UInt8]? {
        // Room for one block more than there is: OpenSSL may ask for it.
        var output = [UInt8](repeating: 0, count: ciphertext.count &+ 16)
        var rest = [UInt8](repeating: 0, count: 16)
        var count = 0
        // SAFETY: a decryption writes no more than it reads and one block, into `output`, and at
        // most one block at the end, into `rest`.
        let isDone = unsafe CipherAlgorithm.withContext { context in
            guard
                unsafe OpenSSL.succeeded(
                    EVP_DecryptInit_ex(context, algorithm.pointer, nil, key, initialisation)),
                let written = unsafe CipherAlgorithm.update(context, ciphertext, into: &output)
            else { return false }
            var last: Int32 = 0
            count = written
            guard unsafe OpenSSL.succeeded(EVP_DecryptFinal_ex(context, &rest, &last)) else {
                return false
            }
            rest.removeLast(max(0, rest.count &- Int(last)))
            return true
        }
        return isDone ? output.prefix(count) + rest : nil
    }
}
