package import Configuration
package import Encodings
package import HTTPMessages

/// The cookies that go out under a provider's settings.
extension Provider.SessionRules {
    /// The session cookie.
    /// - Parameter maxAge: seconds; 0 deletes it.
    package func cookie(_ value: ByteString, maxAge: Int64) -> SetCookie {
        SetCookie(
            name: cookieName, value: value, sameSite: sameSite.rawValue, isSecure: isCookieSecure,
            maxAge: maxAge)
    }
    /// Always Lax: the return from the provider is a cross-site navigation.
    package func attemptCookie(_ name: ByteString, _ value: ByteString, maxAge: Int64) -> SetCookie
    {
        SetCookie(
            name: name, value: value, sameSite: "Lax", isSecure: isCookieSecure, maxAge: maxAge)
    }
}
