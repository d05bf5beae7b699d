import COpenSSL

/// Encryption that notices every change.  Corresponds to `EVP_EncryptInit_ex` and its kin.
/// - Source: NIST SP 800-38D.
package enum AES256GCM {
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
        let isDone = unsafe withContext { context in
            var written: Int32 = 0
            var rest = [UInt8](repeating: 0, count: tagCount)
            return unsafe OpenSSL.succeeded(
                EVP_EncryptInit_ex(context, Cipher.shared.pointer, nil, key, nonce))
                && update(context, additional, into: nil)
                && update(context, plaintext, into: &output)
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
        guard key.count == keyCount, nonce.count == nonceCount, ciphertext.count >= tagCount
        else { return nil }
        let text = Array(ciphertext.dropLast(tagCount))
        var tag = Array(ciphertext.suffix(tagCount))
        var output = [UInt8](repeating: 0, count: text.count)
        // SAFETY: as in `seal`; the tag is only read.  Nothing leaves before the tag was good.
        let isDone = unsafe withContext { context in
            var written: Int32 = 0
            var rest = [UInt8](repeating: 0, count: tagCount)
            return unsafe OpenSSL.succeeded(
                EVP_DecryptInit_ex(context, Cipher.shared.pointer, nil, key, nonce))
                && OpenSSL.succeeded(
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagCount), &tag))
                && update(context, additional, into: nil)
                && update(context, text, into: &output)
                && OpenSSL.succeeded(EVP_DecryptFinal_ex(context, &rest, &written))
        }
        return isDone ? output : nil
    }

    private static func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        OpenSSL.operation {
            // SAFETY: made here, freed here, never kept.
            guard let context = unsafe EVP_CIPHER_CTX_new() else { return false }
            defer { unsafe EVP_CIPHER_CTX_free(context) }
            return unsafe body(context)
        }
    }

    /// Feeds additional data (no output) or text, in either direction.
    private static func update(
        _ context: OpaquePointer, _ input: [UInt8], into output: UnsafeMutablePointer<UInt8>?
    ) -> Bool {
        guard !input.isEmpty else { return true }
        guard let count = Int32(exactly: input.count) else { return false }
        var written: Int32 = 0
        // SAFETY: the callers give room for `count` bytes, or none for additional data.
        return unsafe OpenSSL.succeeded(
            EVP_CipherUpdate(context, output, &written, input, count)) && written == count
    }
}

/// Fetched once for the process.  Corresponds to `EVP_CIPHER_fetch`.
@safe private final class Cipher: @unchecked Sendable {
    static let shared = Cipher()
    let pointer: OpaquePointer?

    private init() {
        // SAFETY: never freed, never written; threads may share it.
        unsafe pointer = OpenSSL.operation { unsafe EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) }
    }
}
