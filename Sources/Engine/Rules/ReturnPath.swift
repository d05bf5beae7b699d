package import Encodings

/// Where a login leads back to: a path of this origin, and nothing else.
/// - Source: RFC 9700 §4.11.1; LOG-08.
package enum ReturnPath {
    /// In bytes: it travels in a cookie.
    private static let limit = 2_000

    /// - Parameters:
    ///   - text: decoded once; from a query, so an attacker's.
    ///   - prefix: of our own endpoints, which lead nowhere.
    /// - Returns: nil for anything but a local path outside the prefix.
    package static func accept(_ text: ByteString, prefix: ByteString) -> ByteString? {
        guard text.count <= limit, text.hasPrefix("/"), !text.hasPrefix("//"),
            // A backslash is a slash to browsers; controls are dropped by them.
            text.bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C })
        else { return nil }
        let end = text.bytes.firstIndex { $0 == 0x3F || $0 == 0x23 } ?? text.count
        guard let path = plain(ByteString(text.bytes[..<end])), path != prefix,
            !path.hasPrefix(prefix + "/")
        else { return nil }
        return text
    }

    /// The path without percent signs, dot segments and empty segments, in the way a browser sends
    /// it and a server reads that; nil where it cannot be read or escapes hide a slash.
    ///
    /// To a browser an empty segment is one, which a ".." takes away; only a server skips it.
    /// - Source: WHATWG URL §4.4, path state.
    private static func plain(_ path: ByteString) -> ByteString? {
        guard !path.bytes.contains(0x25) || decoded(path) != nil else { return nil }
        var segments: [ArraySlice<UInt8>] = []
        let bytes = decoded(path) ?? path
        for segment in bytes.bytes.split(separator: 0x2F, omittingEmptySubsequences: false)
            .dropFirst()
        {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        return segments.reduce(into: ByteString()) { path, segment in
            if !segment.isEmpty { path.bytes += [0x2F] + segment }
        }
    }

    private static func decoded(_ path: ByteString) -> ByteString? {
        var output: [UInt8] = []
        var rest = path.bytes[...]
        while let byte = rest.popFirst() {
            guard byte == 0x25 else {
                output.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(ASCII.hexValue),
                let low = rest.popFirst().flatMap(ASCII.hexValue)
            else { return nil }
            let value = high << 4 | low
            guard value >= 0x20, value != 0x7F, value != 0x2F, value != 0x5C else { return nil }
            output.append(value)
        }
        return ByteString(output)
    }
}
