/// Questions about single bytes of ASCII text.
package enum ASCII {
    @inlinable @inline(__always) package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
    package static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    package static func isLetter(_ byte: UInt8) -> Bool {
        let low = byte | 0x20
        return low >= 0x61 && low <= 0x7A
    }
    package static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
    /// Printable, no white space: `VCHAR` of RFC 5234.
    package static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }
    /// A character of a `token`, for header names, methods and schemes (RFC 9110 §5.6.2).
    package static func isToken(_ byte: UInt8) -> Bool {
        tokenCharacters.contains(byte)
    }
    private static let tokenCharacters = Characters(lettersDigitsAnd: "!#$%&'*+-.^_`|~")

    /// The value of a hexadecimal digit, or nil.
    package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte &- 0x30
        case 0x41...0x46: byte &- 0x37
        case 0x61...0x66: byte &- 0x57
        default: nil
        }
    }
}
