/// A set of ASCII characters that answers with one shift.
package struct Characters: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    package init(lettersDigitsAnd others: String) {
        for byte in UInt8(0)..<128 where ASCII.isAlphanumeric(byte) { insert(byte) }
        for byte in others.utf8 { insert(byte) }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 {
            low |= 1 << UInt64(byte)
        } else if byte < 128 {
            high |= 1 << UInt64(byte & 63)
        }
    }

    package func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }
}
