package import Encodings

/// The cookies of a request, from all its `Cookie` lines.
///
/// Names are compared byte for byte; nothing is decoded or unquoted.
/// - Source: draft-ietf-httpbis-rfc6265bis §5.8.3, §4.2.1.
package struct CookieHeader: Hashable, Sendable {
    private let lines: [ByteString]

    package init(_ lines: [ByteString]) { self.lines = lines }

    /// How often a name is there.
    package enum Lookup: Hashable, Sendable { case absent, once(ByteString), repeated }

    /// The same name twice is nobody's cookie: one of the two was planted from a sibling host or
    /// another path, and no rule tells which (cookie tossing).
    package func lookup(_ name: ByteString) -> Lookup {
        var found: Lookup = .absent
        for line in lines {
            for pair in Pairs(line) where pair.name.elementsEqual(name.bytes) {
                guard found == .absent else { return .repeated }
                found = .once(ByteString(pair.value))
            }
        }
        return found
    }

    /// The names of all cookies, in order.
    package var names: [ByteString] {
        lines.flatMap { line in Pairs(line).map { ByteString($0.name) } }
    }

    /// The header value without the cookies that a test picks; nil where none is left.
    ///
    /// Nor does it hold what no request can have, whatever the host has let in: a line break would
    /// begin another field (UPS-10).
    package func removing(where isOurs: (ArraySlice<UInt8>) -> Bool) -> ByteString? {
        var output: [UInt8] = []
        output.reserveCapacity(lines.reduce(0) { $0 + $1.count + 2 })
        for line in lines {
            for pair in Pairs(line)
            where !isOurs(pair.name) && !pair.text.contains(where: breaksLine) {
                if !output.isEmpty { output += [0x3B, 0x20] }
                output += pair.text
            }
        }
        return output.isEmpty ? nil : ByteString(output)
    }

    private func breaksLine(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D || byte == 0x00 }

    /// One line, pair by pair, where it lies.
    private struct Pairs: Sequence, IteratorProtocol {
        struct Pair {
            /// Without the white space around it.
            let text: ArraySlice<UInt8>
            /// Empty where there is no `=`: a browser then means a value without a name.
            let name: ArraySlice<UInt8>
            let value: ArraySlice<UInt8>
        }

        private var rest: ArraySlice<UInt8>?

        init(_ line: ByteString) { rest = line.bytes[...] }

        mutating func next() -> Pair? {
            while let bytes = rest {
                let end = bytes.firstIndex(of: 0x3B)
                rest = end.map { bytes[($0 + 1)...] }
                let text = Self.trimmed(bytes[..<(end ?? bytes.endIndex)])
                guard !text.isEmpty else { continue }
                guard let equals = text.firstIndex(of: 0x3D) else {
                    return Pair(text: text, name: text[..<text.startIndex], value: text)
                }
                return Pair(
                    text: text, name: text[..<equals], value: text[(equals + 1)...])
            }
            return nil
        }

        private static func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
            var part = part.drop(while: isSpace)
            while let last = part.last, isSpace(last) { part.removeLast() }
            return part
        }
    }
}
