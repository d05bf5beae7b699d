import COpenSSL

/// An `EVP_CIPHER`, fetched once for the process.  Corresponds to `EVP_CIPHER_fetch`.
@safe final class CipherAlgorithm: @unchecked Sendable {
    static let aes128GCM = CipherAlgorithm("AES-128-GCM", keyCount: 16)
    static let aes192GCM = CipherAlgorithm("AES-192-GCM", keyCount: 24)
    static let aes256GCM = CipherAlgorithm("AES-256-GCM", keyCount: 32)
    static let aes128CBC = CipherAlgorithm("AES-128-CBC", keyCount: 16)
    static let aes192CBC = CipherAlgorithm("AES-192-CBC", keyCount: 24)
    static let aes256CBC = CipherAlgorithm("AES-256-CBC", keyCount: 32)
    static let aes128Wrap = CipherAlgorithm("AES-128-WRAP", keyCount: 16)
    static let aes192Wrap = CipherAlgorithm("AES-192-WRAP", keyCount: 24)
    static let aes256Wrap = CipherAlgorithm("AES-256-WRAP", keyCount: 32)

    /// In bytes.
    let keyCount: Int
    /// Nil where OpenSSL does not offer it: every operation then fails.
    let pointer: OpaquePointer?

    private init(_ name: String, keyCount: Int) {
        self.keyCount = keyCount
        // SAFETY: the name is copied; the result is never freed and never written, so that
        // threads may share it.
        unsafe pointer = OpenSSL.operation { unsafe EVP_CIPHER_fetch(nil, name, nil) }
    }

    /// Runs one operation with a context of its own.
    static func withContext(_ body: (OpaquePointer) -> Bool) -> Bool {
        OpenSSL.operation {
            // SAFETY: made here, freed here, never kept.
            guard let context = unsafe EVP_CIPHER_CTX_new() else { return false }
            defer { unsafe EVP_CIPHER_CTX_free(context) }
            return unsafe body(context)
        }
    }

    /// Feeds additional data (no output) or text, in either direction.
    /// - Parameter output: with room for all that this may write, or nil for additional data.
    /// - Returns: how much was written; nil on failure.
    static func update(
        _ context: OpaquePointer, _ input: [UInt8], into output: UnsafeMutablePointer<UInt8>?
    ) -> Int? {
        guard !input.isEmpty else { return 0 }
        guard let count = Int32(exactly: input.count) else { return nil }
        var written: Int32 = 0
        // SAFETY: the callers give room enough, or none for additional data.
        let returned = unsafe EVP_CipherUpdate(context, output, &written, input, count)
        return OpenSSL.succeeded(returned) ? Int(written) : nil
    }
}
