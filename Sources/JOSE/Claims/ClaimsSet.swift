package import Encodings

/// The claims of a token, by name.
///
/// The type does not say that they were verified: what hands it out does.
/// - Source: RFC 7519 §4.
package struct ClaimsSet: Hashable, Sendable {
    package var object: JSONObject

    package init(_ object: JSONObject = JSONObject()) { self.object = object }

    /// Names are compared byte for byte: `Exp` is not `exp`.
    package subscript(name: ByteString) -> JSONValue? { object[name] }

    package func string(_ name: ByteString) -> ByteString? { object[name]?.string }

    package var issuer: ByteString? { string("iss") }
    package var subject: ByteString? { string("sub") }
}
