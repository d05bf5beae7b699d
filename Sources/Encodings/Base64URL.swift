/// Base64 with the URL-safe alphabet, without padding, and canonical: each byte sequence has
/// exactly one text.
///
/// A lenient decoder would give one token several spellings, and so several places in a cache or
/// a replay list.
/// - Source: RFC 7515 §2, RFC 4648 §3.5, §5.
package enum Base64URL {
    static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The six bits of each character; 0xFF for what is none.
    private static let values: InlineArray<256, UInt8> = {
        var table = InlineArray<256, UInt8>(repeating: 0xFF)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()

    package static func encode(_ bytes: [UInt8]) -> ByteString {
        ByteString(Base64.characters(for: bytes, alphabet: alphabet))
    }

    package static func decode(_ text: ByteString) -> [UInt8]? { decode(text.span) }

    /// - Returns: nil for padding, white space, any other foreign character, a length that no
    ///   encoder makes, and unused bits that are not zero.
    package static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        let tail = text.count % 4
        guard tail != 1 else { return nil }
        var foreign: UInt8 = 0
        var leftover: UInt32 = 0
        let output = [UInt8](capacity: text.count / 4 * 3 + 2) { output in
            var pending: UInt32 = 0
            var bits: UInt32 = 0
            for index in text.indices {
                let value = values[Int(text[index])]
                foreign |= value
                pending = pending << 6 | UInt32(value & 0x3F)
                bits &+= 6
                guard bits >= 8 else { continue }
                bits &-= 8
                output.append(UInt8(truncatingIfNeeded: pending >> bits))
            }
            leftover = pending & (1 << bits &- 1)
        }
        return foreign & 0xC0 == 0 && leftover == 0 ? output : nil
    }
}
