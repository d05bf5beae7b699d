package import Encodings

/// The cookies of a request, from all its `Cookie` lines.
///
/// Names are compared byte for byte; nothing is decoded or unquoted.
/// - Source: draft-ietf-httpbis-rfc6265bis §5.8.3, §4.2.1.
package struct CookieHeader: Hashable, Sendable {
    package let pairs: [HeaderField]

    package init(_ lines: [ByteString]) {
        pairs = lines.flatMap { line in
            line.bytes.split(separator: 0x3B).map { part in
                let pair = ByteString(Self.trimmed(part))
                guard let (name, value) = pair.divided(at: 0x3D) else {
                    return HeaderField("", pair)
                }
                return HeaderField(name, value)
            }
        }
    }

    private static func trimmed(_ part: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
        var part = part.drop(while: isSpace)
        while let last = part.last, isSpace(last) { part.removeLast() }
        return part
    }

    package enum Lookup: Hashable, Sendable { case absent, once(ByteString), repeated }

    /// The same name twice is nobody's cookie: one of the two was planted from a sibling host or
    /// another path, and no rule tells which (cookie tossing).
    package func lookup(_ name: ByteString) -> Lookup {
        var found: Lookup = .absent
        for pair in pairs where pair.name == name {
            guard found == .absent else { return .repeated }
            found = .once(pair.value)
        }
        return found
    }

    /// The header value without the cookies that a test picks; nil where none is left.
    package func removing(where isOurs: (ByteString) -> Bool) -> ByteString? {
        var output = ByteString()
        for pair in pairs where !isOurs(pair.name) {
            if !output.isEmpty { output += "; " }
            output += pair.name.isEmpty ? pair.value : pair.name + "=" + pair.value
        }
        return output.isEmpty ? nil : output
    }
}

/// A `Set-Cookie` value of ours: always HttpOnly, always with a path and a SameSite.
/// - Source: draft-ietf-httpbis-rfc6265bis §4.1; OAuth for Browser-Based Apps §6.1.3.2.
package struct SetCookie: Hashable, Sendable {
    package var name: ByteString
    package var value: ByteString
    package var sameSite: ByteString
    package var isSecure: Bool
    /// Seconds; 0 deletes the cookie.
    package var maxAge: Int64

    package init(
        name: ByteString, value: ByteString, sameSite: ByteString, isSecure: Bool, maxAge: Int64
    ) {
        self.name = name
        self.value = value
        self.sameSite = sameSite
        self.isSecure = isSecure
        self.maxAge = maxAge
    }

    package var text: ByteString {
        var text = name + "=" + value + "; Path=/; HttpOnly"
        if isSecure { text += "; Secure" }
        text += "; SameSite=" + sameSite + "; Max-Age=" + ByteString(max(0, maxAge))
        if maxAge <= 0 { text += "; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }
        return text
    }

    package var field: HeaderField { HeaderField("Set-Cookie", text) }
}

/// The names of cookies that only we may set: a session cookie and its login attempts.
package struct GuardedCookies: Hashable, Sendable {
    package let sessionName: ByteString
    package var attemptPrefix: ByteString { sessionName + "-login-" }

    package init(sessionName: ByteString) { self.sessionName = sessionName }

    package func contains(_ name: ByteString) -> Bool {
        name == sessionName || name.hasPrefix(attemptPrefix)
    }
    /// True for a `Set-Cookie` value that speaks of one of these names, as a browser reads it.
    package func isSet(by setCookie: ByteString) -> Bool {
        guard let pair = setCookie.bytes.split(separator: 0x3B, omittingEmptySubsequences: false)
            .first
        else { return false }
        let name = ByteString(pair).divided(at: 0x3D)?.0 ?? ByteString(pair)
        return contains(ByteString(name.bytes.filter { $0 != 0x20 && $0 != 0x09 }))
    }
}
