import COpenSSL

/// Encryption that notices every change.  Corresponds to `EVP_EncryptInit_ex` and its kin.
/// - Source: NIST SP 800-38D.
package enum AES256GCM {
    /// Bytes, each.
    package static let keyCount = 32
    package static let nonceCount = 12
    package static let tagCount = 16

    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - nonce: 12 bytes, never used twice with one key.
    ///   - additional: not encrypted, but bound to the text.
    /// - Returns: the encrypted text and the tag of 16 bytes behind it; nil on failure.
    package static func seal(
        key: [UInt8], nonce: [UInt8], plaintext: [UInt8], additional: [UInt8]
    ) -> [UInt8]? {
        guard key.count == keyCount, nonce.count == nonceCount else { return nil }
        var output = [UInt8](repeating: 0, count: plaintext.count)
        var tag = [UInt8](repeating: 0, count: tagCount)
        // SAFETY: GCM writes as many bytes as it reads, for which `output` has room, nothing at
        // the end, and a tag of the size named.
        let isDone = unsafe CipherAlgorithm.withContext { context in
            var written: Int32 = 0
            var rest = [UInt8](repeating: 0, count: tagCount)
            return unsafe OpenSSL.succeeded(
                EVP_EncryptInit_ex(context, CipherAlgorithm.aes256GCM.pointer, nil, key, nonce))
                && CipherAlgorithm.update(context, additional, into: nil) == additional.count
                && CipherAlgorithm.update(context, plaintext, into: &output) == plaintext.count
                && OpenSSL.succeeded(EVP_EncryptFinal_ex(context, &rest, &written))
                && OpenSSL.succeeded(
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tagCount), &tag))
        }
        return isDone ? output + tag : nil
    }

    /// - Parameter ciphertext: as ``seal(key:nonce:plaintext:additional:)`` made it.
    /// - Returns: nil when key, nonce, text, tag or `additional` is not what it was.
    package static func open(
        key: [UInt8], nonce: [UInt8], ciphertext: [UInt8], additional: [UInt8]
    ) -> [UInt8]? {
        guard ciphertext.count >= tagCount else { return nil }
        return GCM.open(
            .aes256GCM, key: key, nonce: nonce, ciphertext: Array(ciphertext.dropLast(tagCount)),
            tag: Array(ciphertext.suffix(tagCount)), additional: additional)
    }
}
