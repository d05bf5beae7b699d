extension JSONValue {
    /// The value as one line of JSON, without white space, members in their order.
    package var serialized: ByteString {
        var writer = JSONWriter()
        writer.write(self)
        return ByteString(writer.output)
    }
}

extension JSONObject {
    package var serialized: ByteString { JSONValue.object(self).serialized }
}

private struct JSONWriter {
    var output: [UInt8] = []

    mutating func write(_ value: JSONValue) {
        switch value {
        case .null: output += "null".utf8
        case .bool(let bool): output += (bool ? "true" : "false").utf8
        case .integer(let integer): output += String(integer).utf8
        case .real(let real): output += (real.isFinite ? String(real) : "null").utf8
        case .string(let text): write(text)
        case .array(let elements):
            output.append(0x5B)
            for (index, element) in elements.enumerated() {
                if index > 0 { output.append(0x2C) }
                write(element)
            }
            output.append(0x5D)
        case .object(let object):
            output.append(0x7B)
            for (index, member) in object.members.enumerated() {
                if index > 0 { output.append(0x2C) }
                write(member.name)
                output.append(0x3A)
                write(member.value)
            }
            output.append(0x7D)
        }
    }

    /// Control characters are escaped, so that no value can end a line or a header.
    private mutating func write(_ text: ByteString) {
        output.append(0x22)
        for byte in text.bytes {
            switch byte {
            case 0x22, 0x5C: output += [0x5C, byte]
            case 0..<0x20, 0x7F: output += "\\u00".utf8 + Hexadecimal.encode([byte]).bytes
            default: output.append(byte)
            }
        }
        output.append(0x22)
    }
}
