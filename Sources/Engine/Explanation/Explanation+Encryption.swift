import Cryptography
import Encodings
import JOSE
import OAuth

extension Explanation {
    /// Opens an encrypted token once more, as ``BearerFlow`` does.
    /// - Returns: the signed token; nil where it ends here.
    mutating func open(
        _ token: ByteString, _ keys: DecryptionKeys, _ check: inout BearerCheck
    ) -> ByteString? {
        guard !keys.isEmpty, NestedToken.mayBe(token) else { return token }
        do throws(JOSEError) {
            add(header(try UnopenedJWE(token).header))
            let nested = try NestedToken(opening: token, with: keys, NoRandomness())
            add("opened")
            check.decryptionKey = nested.key
            return nested.text
        } catch {
            seen = Reason(TokenRefusal(error))
            add(trouble(error, keys))
            return nil
        }
    }

    private func header(_ header: JWEHeader) -> ByteString {
        "encrypted: alg \(header.algorithm.name), enc \(header.encryption.name), kid "
            + (header.keyID.map(Self.quoted) ?? "none")
    }

    private func trouble(_ error: JOSEError, _ keys: DecryptionKeys) -> ByteString {
        switch error {
        case .tooLarge: "it is too large"
        case .criticalHeader: "its header demands an extension (crit, b64)"
        case .algorithmNotAllowed: "its alg or enc is none that exists here"
        case .unknownDecryptionKey: "none of \(keys.keys.count) decryption keys is meant"
        case .ambiguousKey: "more than one of \(keys.keys.count) decryption keys may be meant"
        case .decryptionFailed: "it cannot be opened"
        case .notSigned: "what is encrypted is no signed JWT, or cty JWT does not say that it is"
        case .replicatedClaim: "a claim in its header is not the one inside"
        default: "it is no encrypted JWT in compact form"
        }
    }
}

/// Nobody waits for an explanation: how long a failure takes tells nothing here.
private struct NoRandomness: RandomSource {
    func bytes(_ count: Int) -> [UInt8]? { nil }
}
