package import Encodings

/// The claims of a token, by name.
///
/// The type does not say that they were verified: what hands it out does.
/// - Source: RFC 7519 §4.
package struct ClaimsSet: Hashable, Sendable {
    package var object: JSONObject

    package init(_ object: JSONObject = JSONObject()) { self.object = object }

    /// - Parameter payload: of a token: a JSON object within ``JSONLimits/token``.
    package static func parse(_ payload: [UInt8]) throws(JOSEError) -> ClaimsSet {
        do {
            return ClaimsSet(try JSONObject.parse(payload, limits: .token))
        } catch .limitExceeded {
            throw .tooLarge
        } catch {
            throw .malformed
        }
    }

    /// Names are compared byte for byte: `Exp` is not `exp`.
    package subscript(name: ByteString) -> JSONValue? { object[name] }

    package func string(_ name: ByteString) -> ByteString? { object[name]?.string }
    package func date(_ name: ByteString) -> NumericDate? { object[name].flatMap(NumericDate.init) }

    package var issuer: ByteString? { string("iss") }
    package var subject: ByteString? { string("sub") }
    package var audiences: [ByteString]? { texts("aud") }

    /// One or several; nil where the claim is missing, or anything but text or a list of texts.
    package func texts(_ name: ByteString) -> [ByteString]? {
        guard let value = object[name] else { return nil }
        return value.string.map { [$0] } ?? value.strings
    }
}
