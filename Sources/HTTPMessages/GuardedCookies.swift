package import Encodings

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

    /// - Parameter name: of a cookie; compared byte for byte.
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
