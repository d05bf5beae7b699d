package import Encodings

/// The header of a signed token, as far as it concerns us.
///
/// Members that point to keys (`jku`, `x5u`, `jwk`, `x5c`) are not read: a token must not choose
/// the key that checks it.
/// - Source: RFC 7515 §4.1.
package struct JOSEHeader: Hashable, Sendable {
    package let algorithm: SignatureAlgorithm
    package let keyID: ByteString?
    /// `typ` as a media type in lower case, `application/` included (RFC 7515 §4.1.9).
    package let type: ByteString?

    /// - Parameter json: the decoded first part of a token; untrusted.
    package init(_ json: [UInt8]) throws(JOSEError) {
        let object = try JSONObject.header(json)
        // An extension that must be understood, and is not (RFC 7515 §4.1.11); a payload that is
        // not what was signed (RFC 7797); a token that says it is encrypted or compressed.
        guard object["crit"] == nil, object["b64"] == nil else { throw .criticalHeader }
        guard object["enc"] == nil, object["zip"] == nil else { throw .malformed }
        guard let name = object["alg"]?.string else { throw .malformed }
        guard let algorithm = SignatureAlgorithm(name: name) else { throw .algorithmNotAllowed }
        self.algorithm = algorithm
        keyID = try object.headerKeyID()
        type = try object.headerType("typ")
        _ = try object.headerText("cty")
    }
}
