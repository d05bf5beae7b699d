import COpenSSL
package import Encodings

/// One-way fingerprints.  Corresponds to `EVP_Digest`.
/// - Source: FIPS 180-4.
package enum Digest {
    package static func sha256(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha256) }
    package static func sha256(_ message: ByteString) -> [UInt8] { digest(message.span, .sha256) }
    package static func sha256(_ message: Span<UInt8>) -> [UInt8] { digest(message, .sha256) }
    package static func sha384(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha384) }
    package static func sha512(_ message: [UInt8]) -> [UInt8] { digest(message.span, .sha512) }

    static func digest(_ message: Span<UInt8>, _ algorithm: DigestAlgorithm) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: algorithm.count)
        // SAFETY: `output` has room for this algorithm's digest; the message is only read.
        let isDone = unsafe message.withUnsafeBytes { bytes in
            OpenSSL.operation {
                unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, &output, nil, algorithm.pointer, nil)
            }
        }
        // Without SHA-2 or memory nothing is safe to go on with: a fingerprint that is always the
        // same would make every session and every state value the same.
        precondition(OpenSSL.succeeded(isDone), "OpenSSL has no SHA-2, or no memory")
        return output
    }
}
