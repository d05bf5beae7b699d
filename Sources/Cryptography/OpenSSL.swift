import COpenSSL

/// What every call of OpenSSL in this layer has in common.
enum OpenSSL {
    /// Runs one operation and leaves the thread's error queue empty.
    ///
    /// A stale entry there would make the host's own TLS connections fail (nginx reads the same
    /// queue after `SSL_read`).
    static func operation<Result>(_ body: () -> Result) -> Result {
        // To look costs a fraction of clearing, and there is seldom anything.
        defer { if ERR_peek_error() != 0 { ERR_clear_error() } }
        return body()
    }

    /// Only 1 is success: 0 and every negative value mean failure, a signature that "fails
    /// strangely" (-1) included.
    static func succeeded(_ returned: Int32) -> Bool { returned == 1 }
}

/// An `EVP_MD`, fetched once for the process.  Corresponds to `EVP_MD_fetch`.
@safe final class DigestAlgorithm: @unchecked Sendable {
    /// For RSA-OAEP only, where it need not resist collisions (RFC 7518 §4.3).
    static let sha1 = DigestAlgorithm("SHA1", count: 20)
    static let sha256 = DigestAlgorithm("SHA256", count: 32)
    static let sha384 = DigestAlgorithm("SHA384", count: 48)
    static let sha512 = DigestAlgorithm("SHA512", count: 64)
    /// Gives any number of bytes; 114 is what Ed448 takes.
    static let shake256 = DigestAlgorithm("SHAKE256", count: 114)

    /// Of the digest, in bytes.
    let count: Int
    /// Nil where OpenSSL does not offer it: every operation then fails.
    let pointer: OpaquePointer?

    private init(_ name: String, count: Int) {
        self.count = count
        // SAFETY: the name is copied; the result is never freed and never written, so that
        // threads may share it.
        unsafe pointer = OpenSSL.operation { unsafe EVP_MD_fetch(nil, name, nil) }
    }
}
