package import Encodings

/// How urgent a log line is; the numbers are those of `cloakroom_log_fn`.
package enum LogLevel: Int32, Hashable, Sendable, Comparable {
    /// Nothing of a kind is served until somebody helps.
    case emergency = -1
    case error, warning, info, debug

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// One line for the operator: no secret, no token, no cookie; made one line by ``init``.
package struct LogLine: Hashable, Sendable {
    package let level: LogLevel
    package let text: ByteString

    /// - Parameter text: control characters and bytes beyond ASCII are escaped, the rest is cut at
    ///   1,000 bytes, since parts of it may come from an attacker.
    package init(_ level: LogLevel, _ text: ByteString) {
        self.level = level
        self.text = Self.escaped(text)
    }

    /// Bytes of the text that are kept.
    private static let longestText = 1_000

    private static func escaped(_ text: ByteString) -> ByteString {
        let isPlain = text.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        if isPlain, text.count <= longestText { return text }
        var output: [UInt8] = []
        for byte in text.bytes.prefix(longestText) {
            if byte >= 0x20 && byte < 0x7F {
                output.append(byte)
            } else {
                output += [0x5C, 0x78] + Hexadecimal.encode([byte]).bytes
            }
        }
        if text.count > longestText { output += Array("...".utf8) }
        return ByteString(output)
    }
}
