import COpenSSL

/// Makes a key of a secret that two parties agreed on, with SHA-256.  Corresponds to
/// `EVP_KDF_derive` with `SSKDF`.
/// - Source: NIST SP 800-56A §5.8.1; RFC 7518 §4.6.2.
package enum ConcatKDF {
    /// - Parameters:
    ///   - secret: what was agreed on; not empty.
    ///   - info: what the key is for, and how long it is.
    ///   - count: bytes wanted, 1 to 64.
    /// - Returns: nil when it can not be done; never fewer bytes than asked for.
    package static func sha256(secret: [UInt8], info: [UInt8], count: Int) -> [UInt8]? {
        guard !secret.isEmpty, (1...64).contains(count) else { return nil }
        var (secret, info, digest) = (secret, info, Array("SHA256".utf8CString))
        var output = [UInt8](repeating: 0, count: count)
        let isDone = OpenSSL.operation {
            // SAFETY: made here, freed here.
            guard let context = unsafe EVP_KDF_CTX_new(Algorithm.shared.pointer) else {
                return false
            }
            defer { unsafe EVP_KDF_CTX_free(context) }
            // SAFETY: the parameters point into the arrays only while these are lent, and to names
            // that live for ever; `output` has `count` bytes.
            return unsafe digest.withUnsafeMutableBufferPointer { digest in
                unsafe secret.withUnsafeMutableBytes { secret in
                    unsafe info.withUnsafeMutableBytes { info in
                        let parameters = unsafe [
                            OSSL_PARAM_construct_utf8_string(
                                Self.name("digest"), digest.baseAddress, 0),
                            OSSL_PARAM_construct_octet_string(
                                Self.name("key"), secret.baseAddress, secret.count),
                            OSSL_PARAM_construct_octet_string(
                                Self.name("info"), info.baseAddress, info.count),
                            OSSL_PARAM_construct_end(),
                        ]
                        return unsafe OpenSSL.succeeded(
                            EVP_KDF_derive(context, &output, count, parameters))
                    }
                }
            }
        }
        return isDone ? output : nil
    }

    /// A parameter keeps the pointer to its name: a string made for one call would be gone.
    private static func name(_ text: StaticString) -> UnsafePointer<CChar> {
        // SAFETY: a static string of ASCII is there for ever, and ends in zero.
        unsafe UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
    }

    /// Fetched once for the process.  Corresponds to `EVP_KDF_fetch`.
    @safe private final class Algorithm: @unchecked Sendable {
        static let shared = Algorithm()
        let pointer: OpaquePointer?

        private init() {
            // SAFETY: never freed, never written; threads may share it.
            unsafe pointer = OpenSSL.operation { unsafe EVP_KDF_fetch(nil, "SSKDF", nil) }
        }
    }
}
