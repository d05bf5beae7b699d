import COpenSSL

/// Fingerprints that only the holder of a key can make.  Corresponds to `HMAC`.
/// - Source: RFC 2104.
package enum HMAC {
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        code(.sha256, key: key, message: message)
    }

    static func code(_ algorithm: DigestAlgorithm, key: [UInt8], message: [UInt8]) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: algorithm.count)
        // A null key pointer would mean "the key of before" to OpenSSL; one zero byte is the same
        // key as none at all.
        let key = key.isEmpty ? [0] : key
        // SAFETY: `output` has room for the digest; key and message are only read, by their counts.
        let result = OpenSSL.operation {
            unsafe COpenSSL.HMAC(
                algorithm.pointer, key, Int32(clamping: key.count), message, message.count,
                &output, nil) != nil
        }
        // As for a digest: a constant answer would be worse than none.
        precondition(result, "OpenSSL has no HMAC, or no memory")
        return output
    }
}
