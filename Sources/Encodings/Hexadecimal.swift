/// Bytes as pairs of lower-case hexadecimal digits.
package enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: [UInt8]) -> ByteString {
        ByteString(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] })
    }

    /// - Returns: nil for an odd length or a character that is no hexadecimal digit.
    package static func decode(_ text: ByteString) -> [UInt8]? {
        guard text.count.isMultiple(of: 2) else { return nil }
        var output: [UInt8] = []
        output.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text.bytes {
            guard let value = ASCII.hexValue(character) else { return nil }
            if let left = high {
                output.append(left << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return output
    }
}
