package import Cryptography
package import Encodings

/// A signed token that came encrypted, and that nobody has verified.
///
/// That it could be opened proves nothing about who made it: it goes the way of every signed token
/// from here (CVE-2023-51774).
/// - Source: RFC 7519 §5.2, §7.2; RFC 8725 §3.3.
package struct NestedToken: Sendable {
    /// Of the signed token: three parts.
    package let text: ByteString
    /// It was encrypted to this one.
    package let key: DecryptionKey

    /// Five parts, as an encrypted token has.
    package static func mayBe(_ text: ByteString) -> Bool { text.bytes.count { $0 == 0x2E } == 4 }

    /// Opens an encrypted token that holds a signed one, and no further: nothing is ever opened
    /// twice.
    /// - Throws: ``JOSEError/notSigned`` for what holds anything else, ``JOSEError/replicatedClaim``,
    ///   and what ``UnopenedJWE`` may throw.
    package init(
        opening text: ByteString, with keys: DecryptionKeys, _ random: any RandomSource
    ) throws(JOSEError) {
        let token = try UnopenedJWE(text)
        guard token.header.contentType == "application/jwt" else { throw .notSigned }
        let (content, key) = try token.open(with: keys, random)
        let inner = ByteString(content)
        guard inner.bytes.count(where: { $0 == 0x2E }) == 2 else { throw .notSigned }
        try Self.compare(token.header.replicated, with: inner)
        self.text = inner
        self.key = key
    }

    /// Claims in the encrypted token's header must say what the signed ones say, or whoever acts
    /// on the former acts for another (RFC 7519 §5.3).
    private static func compare(
        _ replicated: [JSONObject.Member], with inner: ByteString
    ) throws(JOSEError) {
        guard !replicated.isEmpty else { return }
        let claims = try ClaimsSet.parse(UnverifiedJWS(inner).unverifiedPayload)
        for member in replicated where claims[member.name] != member.value {
            throw .replicatedClaim
        }
    }
}
