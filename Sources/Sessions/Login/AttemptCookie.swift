package import Cryptography
package import Encodings

/// The cookie in which a ``LoginAttempt`` travels: its name, and its sealed value.
///
/// The seal is bound to its purpose and to the cookie's name: a login cookie is never taken for
/// a session or for another attempt (COK-13).
package enum AttemptCookie {
    /// Longer values are not made: browsers drop cookies beyond 4,096 bytes without a word.
    package static let limit = 3_500

    /// What the names of all attempt cookies begin with.
    package static func prefix(sessionCookie: ByteString) -> ByteString {
        sessionCookie + "-login-"
    }

    /// One name for each attempt, found again from the `state` that the callback brings.
    package static func name(sessionCookie: ByteString, state: ByteString) -> ByteString {
        let hash = Digest.sha256("cloakroom login cookie 1\0" + state)
        return prefix(sessionCookie: sessionCookie)
            + ByteString(Base64URL.encode(hash).bytes.prefix(16))
    }

    /// - Returns: nil where the value would be longer than ``limit``, as with a very long
    ///   `returnTo`, or where randomness or cryptography fails.
    package static func seal(
        _ attempt: LoginAttempt, sessionCookie: ByteString, ring: KeyRing, random: some RandomSource
    ) -> ByteString? {
        let name = name(sessionCookie: sessionCookie, state: attempt.state)
        let sealed = RingSeal.seal(attempt.encoded, for: label, bound: name.bytes, ring, random)
        guard let value = sealed.map(Base64URL.encode), value.count <= limit else { return nil }
        return value
    }

    /// Opens the cookie for a callback.
    ///
    /// - Parameters:
    ///   - state: as the callback brought it; it must be the attempt's own.
    ///   - now: seconds since 1970.
    ///   - lifetime: seconds; an older attempt is none.
    package static func open(
        _ value: ByteString, state: ByteString, sessionCookie: ByteString, ring: KeyRing,
        now: Int64, lifetime: Int64
    ) -> LoginAttempt? {
        let name = name(sessionCookie: sessionCookie, state: state)
        guard value.count <= limit, let bytes = Base64URL.decode(value),
            let encoded = RingSeal.open(bytes, for: label, bound: name.bytes, ring),
            let attempt = LoginAttempt(encoded: encoded),
            // Login forgery: an attacker's code must not be redeemed for this browser's attempt.
            ConstantTime.equals(attempt.state, state),
            isFresh(attempt, now, lifetime)
        else { return nil }
        return attempt
    }

    private static let label: ByteString = "cloakroom login attempt 1"

    /// Clocks of two machines may differ by a minute.
    private static func isFresh(_ attempt: LoginAttempt, _ now: Int64, _ lifetime: Int64) -> Bool {
        let age = now.subtractingReportingOverflow(attempt.startedAt)
        return !age.overflow && age.partialValue >= -60 && age.partialValue < lifetime
    }
}
