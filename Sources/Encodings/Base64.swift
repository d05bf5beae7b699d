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
