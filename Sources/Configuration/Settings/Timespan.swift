package import Encodings

/// Durations as operators write them: a number and `ms`, `s`, `m`, `h` or `d`; a bare number means
/// seconds, as in nginx.
package enum Timespan {
    private static let units: [(name: ByteString, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// - Returns: nil where the text is no duration; at most nine digits, so nothing overflows.
    package static func milliseconds(_ text: ByteString) -> Int64? {
        let digits = text.bytes.prefix(while: ASCII.isDigit)
        guard (1...9).contains(digits.count), let number = Int64(ByteString(digits).string) else {
            return nil
        }
        let name = ByteString(text.bytes[digits.endIndex...])
        if name.isEmpty { return number &* 1_000 }
        return units.first { $0.name == name }.map { number &* $0.milliseconds }
    }

    /// In the largest unit that leaves no remainder.
    package static func text(milliseconds: Int64) -> ByteString {
        for unit in units where milliseconds != 0 && milliseconds % unit.milliseconds == 0 {
            return ByteString(milliseconds / unit.milliseconds) + unit.name
        }
        return "0s"
    }
}
