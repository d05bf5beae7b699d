package import Cryptography
import Encodings

/// A signed token that holds nothing unusual: read in one pass, without an allocation.
///
/// The short way of ``UnverifiedJWS``: what it reads has the same meaning there.  All texts lie in
/// the lane's ``VerifyingLane/text``, where the next token takes their place.
package struct PlainToken: Sendable {
    package let header: PlainHeader
    package let claims: PlainClaims
    /// How much of the text was signed.
    private let signedCount: Int
    private let signatureCount: Int

    /// - Returns: nil where the token has to be read the long way.
    package init?(_ text: Span<UInt8>, on lane: VerifyingLane) {
        let (parts, seal) = (lane.text, lane.signature)
        guard text.count <= TokenLimits().bytes,
            let first = text.position(of: 0x2E, from: 0),
            let second = text.position(of: 0x2E, from: first &+ 1),
            let headerCount = Base64URL.decode(
                text.extracting(..<first), into: parts),
            let header = PlainHeader(parts.bytes, from: 0, count: headerCount)
        else { return nil }
        // The zeros behind the header stay.
        let start = headerCount &+ 8
        guard
            let count = Base64URL.decode(
                text.extracting((first &+ 1)..<second), into: parts, at: start),
            let claims = PlainClaims(parts.bytes, from: start, count: count),
            let signatureCount = Base64URL.decode(
                text.extracting((second &+ 1)...), into: seal),
            signatureCount > 0
        else { return nil }
        self.header = header
        self.claims = claims
        signedCount = second
        self.signatureCount = signatureCount
    }

    /// The one key that may have signed the token.
    /// - Returns: nil where there is none, or more than one.
    package func key(in keys: PlainKeys, on lane: VerifyingLane) -> PlainKey? {
        let parts = lane.text
        return keys.key(header.keyID, in: parts.bytes, header.algorithm)
    }

    /// - Parameter text: that the token was read from, right before on the same lane.
    package func isSigned(
        by key: PlainKey, text: Span<UInt8>, on lane: VerifyingLane
    ) -> Bool {
        let seal = lane.signature
        return key.key.verify(
            seal.bytes.extracting(first: signatureCount),
            text.extracting(first: signedCount), key.scheme, on: lane)
    }
}
