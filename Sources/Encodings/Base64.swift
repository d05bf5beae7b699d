/// Base64 with the standard alphabet and padding, as HTTP Basic wants it.
/// - Source: RFC 4648 §4.
package enum Base64 {
    static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    package static func encode(_ bytes: [UInt8]) -> ByteString {
        var output = characters(for: bytes, alphabet: alphabet)
        while !output.count.isMultiple(of: 4) { output.append(0x3D) }
        return ByteString(output)
    }

    /// - Returns: nil for white space, wrong or missing padding, and unused bits that are not zero.
    package static func decode(_ text: ByteString) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.bytes.suffix(2).count { $0 == 0x3D }
        let unpadded = text.bytes.dropLast(padding).map { character -> UInt8 in
            switch character {
            case 0x2B: 0x2D
            case 0x2F: 0x5F
            // The other alphabet's characters must not come through.
            case 0x2D, 0x5F: 0
            default: character
            }
        }
        return Base64URL.decode(unpadded.span)
    }

    /// Six bits a character; the last character is filled up with zero bits.
    static func characters(for bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count / 3 * 4 + 4)
        var pending: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            pending = pending << 8 | UInt32(byte)
            bits &+= 8
            while bits >= 6 {
                bits &-= 6
                output.append(alphabet[Int(pending >> bits & 0x3F)])
            }
        }
        if bits > 0 { output.append(alphabet[Int(pending << (6 &- bits) & 0x3F)]) }
        return output
    }
}
