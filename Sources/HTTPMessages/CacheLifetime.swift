import Encodings

/// For how long an answer says it may be kept.
/// - Source: RFC 9111 §5.2.2.
package enum CacheLifetime {
    /// - Returns: seconds; 0 for `no-store` and `no-cache`; nil where nothing usable is said.
    package static func seconds(_ headers: [HeaderField]) -> Int64? {
        guard let text = headers.only("cache-control")?.lowercased else { return nil }
        var found: Int64?
        for directive in text.words(separatedBy: 0x2C).compactMap({ $0.words().first }) {
            if directive == "no-store" || directive == "no-cache" { return 0 }
            if let digits = directive.dropping(prefix: "max-age="), digits.count <= 10,
                !digits.isEmpty, digits.bytes.allSatisfy(ASCII.isDigit)
            {
                found = digits.bytes.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            }
        }
        return found
    }
}
