package import Encodings

/// The cookies of a request, from all its `Cookie` lines.
///
/// Names are compared byte for byte; nothing is decoded or unquoted.
/// - Source: draft-ietf-httpbis-rfc6265bis §5.8.3, §4.2.1.
package struct CookieHeader: Hashable, Sendable {
    private let lines: [ByteString]

    package init(_ lines: [ByteString]) { self.lines = lines }

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
    package let attemptPrefix: ByteString
    /// Of other providers, which browsers may send along; mostly none.
    package let others: [GuardedCookies]

    package init(sessionName: ByteString) { self.init(sessionName, others: []) }

    /// - Returns: nil where there are no names.
    package init?(sessionNames names: [ByteString]) {
        guard let first = names.first else { return nil }
        let others = Set(names).subtracting([first]).sorted()
        self.init(first, others: others.map { GuardedCookies($0, others: []) })
    }

    private init(_ sessionName: ByteString, others: [GuardedCookies]) {
        self.sessionName = sessionName
        attemptPrefix = sessionName + "-login-"
        self.others = others
    }

    package func contains(_ name: ArraySlice<UInt8>) -> Bool {
        // Attempts' names begin with the session's: one look decides about most cookies.
        name.starts(with: sessionName.bytes)
            && (name.count == sessionName.count || name.starts(with: attemptPrefix.bytes))
            || others.contains { $0.contains(name) }
    }
    package func contains(_ name: ByteString) -> Bool { contains(name.bytes[...]) }
    /// True for a `Set-Cookie` value that speaks of one of these names, as a browser reads it.
    package func isSet(by setCookie: ByteString) -> Bool {
        guard let pair = setCookie.bytes.split(separator: 0x3B, omittingEmptySubsequences: false)
            .first
        else { return false }
        // A cookie without a name is sent as its value alone, which may read like one of ours.
        let text = ByteString(
            pair.filter { $0 != 0x20 && $0 != 0x09 }.drop { $0 == 0x3D })
        return contains(text.divided(at: 0x3D)?.0 ?? text)
    }
}
