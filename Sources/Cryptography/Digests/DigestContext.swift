import COpenSSL
import Locks

/// An `EVP_MD_CTX`, kept for the next digest: to make one costs more than a short digest.
@safe final class DigestContext: @unchecked Sendable {
    // SAFETY: used by whoever took the context out of the pool, and by nobody else.
    private let pointer: OpaquePointer?

    init() { unsafe pointer = EVP_MD_CTX_new() }
    deinit { unsafe EVP_MD_CTX_free(pointer) }

    private static let idle = Locked<[DigestContext]>([])
    private static let idleLimit = 64

    /// The lock is held to take a context out and to put it back, never while it works.
    static func borrow<Result>(_ body: (DigestContext) -> Result) -> Result {
        let context = idle.withLock { $0.popLast() } ?? DigestContext()
        defer { idle.withLock { if $0.count < idleLimit { $0.append(context) } } }
        return body(context)
    }

    /// - Parameter output: with room for the algorithm's digest.
    /// - Returns: what the last call of OpenSSL returned.
    func digest(
        _ message: Span<UInt8>, _ algorithm: DigestAlgorithm,
        into output: UnsafeMutablePointer<UInt8>
    ) -> Int32 {
        // SAFETY: the message is only read, for the time of the calls; the output is long enough.
        unsafe message.withUnsafeBytes { bytes in
            guard unsafe EVP_DigestInit_ex2(pointer, algorithm.pointer, nil) == 1,
                unsafe EVP_DigestUpdate(pointer, bytes.baseAddress, bytes.count) == 1
            else { return 0 }
            return unsafe EVP_DigestFinal_ex(pointer, output, nil)
        }
    }
}
