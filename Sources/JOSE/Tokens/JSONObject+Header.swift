import Encodings

/// What the headers of signed and encrypted tokens have in common.
/// - Source: RFC 7515 §4.1; RFC 7516 §4.1.
extension JSONObject {
    /// - Parameter json: the decoded first part of a token; untrusted.
    /// - Throws: ``JOSEError/tooLarge``, ``JOSEError/malformed``.
    static func header(_ json: [UInt8]) throws(JOSEError) -> JSONObject {
        do {
            return try parse(json, limits: .header)
        } catch .limitExceeded {
            throw .tooLarge
        } catch {
            throw .malformed
        }
    }

    /// `kid`, which is looked up and so has to be short.
    func headerKeyID() throws(JOSEError) -> ByteString? {
        guard let keyID = try headerText("kid") else { return nil }
        guard keyID.count <= KeySet.keyIDLimit else { throw .malformed }
        return keyID
    }

    /// `typ` or `cty` as a media type in lower case, `application/` included.
    /// - Source: RFC 7515 §4.1.9, §4.1.10.
    func headerType(_ name: ByteString) throws(JOSEError) -> ByteString? {
        guard let lower = try headerText(name)?.lowercased else { return nil }
        return lower.bytes.contains(0x2F) ? lower : "application/" + lower
    }

    /// - Returns: nil where there is none.
    func headerText(_ name: ByteString) throws(JOSEError) -> ByteString? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .malformed }
        return text
    }
}
