package import Encodings

/// `application/x-www-form-urlencoded`, for query strings and request bodies.
/// - Source: RFC 6749 App. B; WHATWG URL §5.
package enum FormEncoding {
    package static func encode(_ text: ByteString) -> ByteString {
        var output = ByteString()
        output.bytes.reserveCapacity(text.count + 8)
        for byte in text.bytes {
            switch byte {
            case 0x20: output.bytes.append(0x2B)
            case 0x2A, 0x2D, 0x2E, 0x5F: output.bytes.append(byte)
            case _ where ASCII.isAlphanumeric(byte): output.bytes.append(byte)
            default: output.bytes += percentEncoded(byte)
            }
        }
        return output
    }

    package static func encode(_ pairs: [(ByteString, ByteString)]) -> ByteString {
        var output = ByteString()
        for (name, value) in pairs {
            if !output.isEmpty { output.bytes.append(0x26) }
            output += encode(name)
            output.bytes.append(0x3D)
            output += encode(value)
        }
        return output
    }

    /// - Returns: nil where a percent sign is not followed by two hexadecimal digits.
    package static func decode(_ text: ByteString) -> ByteString? {
        var output = ByteString()
        output.bytes.reserveCapacity(text.count)
        var rest = text.bytes[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x2B: output.bytes.append(0x20)
            case 0x25:
                guard let high = rest.popFirst().flatMap(ASCII.hexValue),
                    let low = rest.popFirst().flatMap(ASCII.hexValue)
                else { return nil }
                output.bytes.append(high << 4 | low)
            default: output.bytes.append(byte)
            }
        }
        return output
    }

    /// Every byte but letters, digits and `-._~` as `%XX` (RFC 3986 §2.1, RFC 8187 §3.2).
    package static func percentEncode(_ text: ByteString) -> ByteString {
        var output = ByteString()
        for byte in text.bytes {
            if ASCII.isAlphanumeric(byte) || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte) {
                output.bytes.append(byte)
            } else {
                output.bytes += percentEncoded(byte)
            }
        }
        return output
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func percentEncoded(_ byte: UInt8) -> [UInt8] {
        [0x25, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
    }
}
