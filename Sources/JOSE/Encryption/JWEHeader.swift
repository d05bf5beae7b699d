package import Encodings

/// The header of an encrypted token, as far as it concerns us.
///
/// Everything in here was read before any key was touched.
/// - Source: RFC 7516 §4.1, RFC 7518 §4.6.1.
package struct JWEHeader: Hashable, Sendable {
    package let algorithm: KeyManagementAlgorithm
    package let encryption: ContentEncryption
    package let keyID: ByteString?
    /// `cty` as a media type in lower case, `application/` included.
    package let contentType: ByteString?
    /// The sender's half of a key agreement; present for every algorithm that needs it.
    let ephemeralKey: EphemeralKey?
    let partyUInfo, partyVInfo: [UInt8]
    /// Claims that stand here once more, for who has not the key: not to be believed before they
    /// were compared.
    let replicated: [JSONObject.Member]

    /// - Parameter json: the decoded first part of a token; untrusted.
    /// - Throws: ``JOSEError/algorithmNotAllowed`` for `alg` and `enc` alike,
    ///   ``JOSEError/criticalHeader``, ``JOSEError/malformed``, ``JOSEError/tooLarge``.
    init(_ json: [UInt8]) throws(JOSEError) {
        let object = try JSONObject.header(json)
        guard object["crit"] == nil, object["b64"] == nil else { throw .criticalHeader }
        // A small text may inflate to any size (`zip`); a count may keep us busy (`p2c`).  Neither
        // is ever needed.
        guard object["zip"] == nil, object["p2c"] == nil, object["p2s"] == nil,
            let algorithmName = object["alg"]?.string, let encryptionName = object["enc"]?.string
        else { throw .malformed }
        guard let algorithm = KeyManagementAlgorithm(name: algorithmName),
            let encryption = ContentEncryption(name: encryptionName)
        else { throw .algorithmNotAllowed }
        self.algorithm = algorithm
        self.encryption = encryption
        keyID = try object.headerKeyID()
        contentType = try object.headerType("cty")
        _ = try object.headerText("typ")
        ephemeralKey = algorithm.isAgreement ? try EphemeralKey(object["epk"]?.object) : nil
        partyUInfo = try Self.bytes("apu", in: object)
        partyVInfo = try Self.bytes("apv", in: object)
        replicated = object.members.filter { ["iss", "sub", "aud"].contains($0.name) }
    }

    private static func bytes(
        _ name: ByteString, in object: JSONObject
    ) throws(JOSEError) -> [UInt8] {
        guard let text = try object.headerText(name) else { return [] }
        guard let bytes = Base64URL.decode(text) else { throw .malformed }
        return bytes
    }
}
