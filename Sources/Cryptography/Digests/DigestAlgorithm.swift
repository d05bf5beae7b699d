import COpenSSL

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
