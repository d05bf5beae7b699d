package import Encodings

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
