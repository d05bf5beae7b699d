package import Encodings

/// An absolute `http` or `https` URL, parsed strictly: no userinfo, no fragment, no relative form,
/// only visible ASCII.
/// - Source: RFC 3986 §3; RFC 9110 §4.2.
package struct URLReference: Hashable, Sendable {
    package var isSecure: Bool
    /// In lower case; an IPv6 literal keeps its brackets.
    package var host: ByteString
    /// The port as written or the scheme's own.
    package var port: UInt16
    /// Begins with `/`, or is empty.
    package var path: ByteString
    /// Without `?`; nil where there is none.
    package var query: ByteString?

    package init?(_ text: ByteString) {
        let rest: ByteString
        if let secure = text.dropping(prefix: "https://") {
            (isSecure, rest) = (true, secure)
        } else if let plain = text.dropping(prefix: "http://") {
            (isSecure, rest) = (false, plain)
        } else {
            return nil
        }
        guard rest.bytes.allSatisfy({ ASCII.isVisible($0) && $0 != 0x23 && $0 != 0x5C }) else {
            return nil
        }
        let end = rest.bytes.firstIndex { $0 == 0x2F || $0 == 0x3F } ?? rest.count
        guard let (host, port) = Self.authority(rest.bytes[..<end]) else { return nil }
        self.host = host
        self.port = port ?? (isSecure ? 443 : 80)
        let tail = ByteString(rest.bytes[end...])
        if let (path, query) = tail.divided(at: 0x3F) {
            (self.path, self.query) = (path, query)
        } else {
            (self.path, self.query) = (tail, nil)
        }
    }

    private static func authority(_ bytes: ArraySlice<UInt8>) -> (ByteString, UInt16?)? {
        var name = bytes
        var port: UInt16?
        if let colon = bytes.lastIndex(of: 0x3A), !bytes[colon...].contains(0x5D) {
            name = bytes[..<colon]
            let digits = bytes[(colon + 1)...]
            guard digits.count <= 5, digits.allSatisfy(ASCII.isDigit),
                let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
            else { return nil }
            port = number
        }
        let isLiteral = name.first == 0x5B && name.last == 0x5D && name.count > 2
        let inner = isLiteral ? name.dropFirst().dropLast() : name
        guard !inner.isEmpty, inner.allSatisfy({
            isLiteral
                ? ASCII.hexValue($0) != nil || $0 == 0x3A || $0 == 0x2E
                : ASCII.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
        }) else { return nil }
        return (ByteString(name).lowercased, port)
    }

    /// `scheme://host[:port]`, without the scheme's own port.
    /// - Source: RFC 6454 §6.2.
    package var origin: ByteString {
        let base: ByteString = (isSecure ? "https://" : "http://") + host
        return port == (isSecure ? 443 : 80) ? base : base + ":" + ByteString(port)
    }

    /// `localhost`, `*.localhost`, 127.0.0.0/8 or `[::1]`, by its text alone.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" { return true }
        let parts = host.bytes.split(separator: 0x2E, omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0].elementsEqual("127".utf8)
            && parts.allSatisfy { part in
                (1...3).contains(part.count) && part.allSatisfy(ASCII.isDigit)
            }
    }
}
