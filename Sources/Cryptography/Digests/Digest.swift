import COpenSSL
package import Encodings

/// One-way fingerprints.  Corresponds to `EVP_DigestInit_ex2`, `_Update`, `_Final_ex`.
/// - Source: FIPS 180-4.
package enum Digest {
    package static func sha256(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha256) }
    package static func sha256(_ message: ByteString) -> [UInt8] { digest(message.span, .sha256) }
    package static func sha256(_ message: Span<UInt8>) -> [UInt8] { digest(message, .sha256) }
    package static func sha384(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha384) }
    package static func sha512(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha512) }

    static func digest(_ message: Span<UInt8>, _ algorithm: DigestAlgorithm) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: algorithm.count)
        let isDone = OpenSSL.operation {
            DigestContext.borrow { unsafe $0.digest(message, algorithm, into: &output) }
        }
        // Without SHA-2 or memory nothing is safe to go on with: a fingerprint that is always the
        // same would make every session and every state value the same.
        precondition(OpenSSL.succeeded(isDone), "OpenSSL has no SHA-2, or no memory")
        return output
    }

    /// - Parameter count: bytes wanted of a function that gives any number.
    /// - Source: FIPS 202.  Corresponds to `EVP_DigestFinalXOF`.
    package static func shake256(_ message: [UInt8], count: Int) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: count)
        let isDone = OpenSSL.operation {
            // SAFETY: the context is made and freed here; `output` has `count` bytes.
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer { unsafe EVP_MD_CTX_free(context) }
            return unsafe OpenSSL.succeeded(
                EVP_DigestInit_ex2(context, DigestAlgorithm.shake256.pointer, nil))
                && OpenSSL.succeeded(EVP_DigestUpdate(context, message, message.count))
                && OpenSSL.succeeded(EVP_DigestFinalXOF(context, &output, count))
        }
        // As above.
        precondition(isDone, "OpenSSL has no SHAKE256, or no memory")
        return output
    }

    /// SHA-256 as four numbers, most significant byte first: for keys of tables.
    package static func sha256Words(_ message: Span<UInt8>) -> InlineArray<4, UInt64> {
        var words = InlineArray<4, UInt64>(repeating: 0)
        let isDone = OpenSSL.operation {
            DigestContext.borrow { context in
                // SAFETY: four words are the 32 bytes of this digest, and any bytes are words.
                unsafe withUnsafeMutableBytes(of: &words) { bytes -> Int32 in
                    let output = unsafe bytes.assumingMemoryBound(to: UInt8.self)
                    guard let start = output.baseAddress else { return 0 }
                    return unsafe context.digest(message, .sha256, into: start)
                }
            }
        }
        // As above: a digest that is always the same would be every session's.
        precondition(OpenSSL.succeeded(isDone), "OpenSSL has no SHA-2, or no memory")
        for index in words.indices { words[index] = UInt64(bigEndian: words[index]) }
        return words
    }
}
