import COpenSSL

/// Takes a content encryption key out of its wrapping.  Corresponds to `EVP_DecryptUpdate` with a
/// wrapping cipher.
/// - Source: RFC 3394 §2.2.2.
package enum AESKeyWrap {
    /// - Parameters:
    ///   - wrapped: 24 bytes or more, a multiple of 8; 72 at most, since no longer key is needed.
    ///   - key: 16, 24 or 32 bytes.
    /// - Returns: eight bytes less; nil where the wrapping is not intact.
    package static func unwrap(_ wrapped: [UInt8], key: [UInt8]) -> [UInt8]? {
        let all: [CipherAlgorithm] = [.aes128Wrap, .aes192Wrap, .aes256Wrap]
        guard let algorithm = all.first(where: { $0.keyCount == key.count }),
            (24...72).contains(wrapped.count), wrapped.count.isMultiple(of: 8)
        else { return nil }
        var output = [UInt8](repeating: 0, count: wrapped.count &+ 8)
        var count = 0
        // SAFETY: unwrapping writes eight bytes less than it reads, for which `output` has room.
        let isDone = unsafe CipherAlgorithm.withContext { context in
            unsafe EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
            guard
                unsafe OpenSSL.succeeded(
                    EVP_DecryptInit_ex(context, algorithm.pointer, nil, key, nil)),
                let written = unsafe CipherAlgorithm.update(context, wrapped, into: &output)
            else { return false }
            count = written
            return true
        }
        return isDone && count == wrapped.count &- 8 ? Array(output.prefix(count)) : nil
    }
}
