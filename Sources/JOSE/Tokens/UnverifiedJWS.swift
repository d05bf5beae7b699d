package import Encodings

/// How large a token may be.  Checked before anything is decoded.
package struct TokenLimits: Hashable, Sendable {
    /// Of the whole text.
    package var bytes: Int
    /// Of the decoded header.
    package var headerBytes: Int

    package init(bytes: Int = 16 << 10, headerBytes: Int = 4 << 10) {
        self.bytes = bytes
        self.headerBytes = headerBytes
    }
}

/// A signed token whose form is right and whose signature nobody has checked.
///
/// Only ``verify(with:allowing:)`` makes a ``VerifiedJWS`` of it: what was not verified can not be
/// used as if it were.
/// - Source: RFC 7515 §5.2, §7.1.
package struct UnverifiedJWS: Sendable {
    package let header: JOSEHeader
    /// Anyone may have written this.
    package let unverifiedPayload: [UInt8]
    private let text: ByteString
    private let signature: [UInt8]
    /// How much of the text was signed, as it was received: header, dot, payload.
    private let signedCount: Int

    /// - Parameter text: exactly what arrived; white space around it is not taken away.
    /// - Throws: ``JOSEError/tooLarge``, ``JOSEError/malformed``, and what the header may throw.
    package init(_ text: ByteString, limits: TokenLimits = TokenLimits()) throws(JOSEError) {
        guard text.count <= limits.bytes else { throw .tooLarge }
        let parts = text.bytes.split(
            separator: 0x2E, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3 else { throw .malformed }
        guard parts[0].count <= limits.headerBytes &* 4 / 3 &+ 4 else { throw .tooLarge }
        // Each part is decoded strictly, so that one token has one text.
        guard let header = Base64URL.decode(ByteString(parts[0])),
            let payload = Base64URL.decode(ByteString(parts[1])),
            let signature = Base64URL.decode(ByteString(parts[2])), !signature.isEmpty
        else { throw .malformed }
        guard header.count <= limits.headerBytes else { throw .tooLarge }
        self.header = try JOSEHeader(header)
        unverifiedPayload = payload
        self.text = text
        self.signature = signature
        signedCount = parts[0].count &+ 1 &+ parts[1].count
    }

    /// Finds the key and checks the signature.
    ///
    /// - Parameter algorithms: those that the issuer may use; the token's is looked up there
    ///   before any key is looked at (RFC 8725 §3.1).
    package func verify(
        with keys: KeySet, allowing algorithms: Set<SignatureAlgorithm>
    ) throws(JOSEError) -> VerifiedJWS {
        guard algorithms.contains(header.algorithm) else { throw .algorithmNotAllowed }
        let key = try keys.key(for: header)
        let isGood = key.verify(
            signature.span, of: text.span.extracting(first: signedCount), by: header.algorithm)
        guard isGood else { throw .badSignature }
        return VerifiedJWS(header: header, payload: unverifiedPayload)
    }
}

/// A token that a key of its issuer has signed.  Whether it is meant for us is another question.
package struct VerifiedJWS: Sendable {
    package let header: JOSEHeader
    package let payload: [UInt8]

    fileprivate init(header: JOSEHeader, payload: [UInt8]) {
        self.header = header
        self.payload = payload
    }
}
