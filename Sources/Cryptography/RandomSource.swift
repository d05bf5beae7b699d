import COpenSSL

/// Where unguessable bytes come from: the system, or a seed in a test.
package protocol RandomSource: Sendable {
    /// - Returns: exactly `count` bytes, or nil: then what needed them must not happen.
    func bytes(_ count: Int) -> [UInt8]?
}

/// OpenSSL's generator, which notices a fork by itself.  Corresponds to `RAND_bytes`.
package struct SystemRandom: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8]? {
        guard count >= 0, let size = Int32(exactly: count) else { return nil }
        var output = [UInt8](repeating: 0, count: count)
        // SAFETY: `output` has `size` bytes.
        let returned = OpenSSL.operation { unsafe RAND_bytes(&output, size) }
        return OpenSSL.succeeded(returned) ? output : nil
    }
}
