import Configuration
package import Encodings
import JOSE
package import OAuth

/// The issuers of a policy, each with its keys as they stand: all that a token is checked against,
/// copied so that the check needs no lock.
package struct BearerCheck: Sendable {
    struct Candidate: Sendable {
        let issuer: TrustedIssuer
        /// Nil where there are none that may be believed.
        let keys: KeySet?
        /// What was known of the provider at that time.
        let memory: ProviderMemory
    }

    /// In the policy's order.
    let candidates: [Candidate]
    /// By which the token was opened; nil for one that is only signed.
    var decryptionKey: DecryptionKey?

    init(
        _ guarded: Guarded, _ tables: Tables, _ now: Moment,
        openedWith decryptionKey: DecryptionKey? = nil
    ) {
        self.decryptionKey = decryptionKey
        candidates = guarded.issuers.map { issuer in
            let memory = tables.providers[issuer.provider.name] ?? ProviderMemory()
            return Candidate(issuer: issuer, keys: memory.usableKeys(now), memory: memory)
        }
    }

    /// Picks the issuer by the token's word, then has that issuer's keys and rules prove it.
    ///
    /// A token that names no issuer of the policy is refused without a look at any key (SIG-10).
    /// - Parameter now: seconds since 1970.
    package func verdict(on text: ByteString, now: Int64) -> BearerVerdict {
        do throws(TokenRefusal) {
            let token = try IssuedToken(text)
            guard let index = self.index(of: token) else { return .refused(.wrongIssuer) }
            let candidate = candidates[index]
            guard let keys = candidate.keys else { return .keysMissing(index) }
            do throws(TokenRefusal) {
                let accessToken = try candidate.issuer.rules.check(
                    token, openedWith: decryptionKey, keys: keys, now: now)
                return .good(accessToken, index)
            } catch .unknownKey {
                return .keyUnknown(index)
            }
        } catch {
            return .refused(error)
        }
    }

    func index(of token: IssuedToken) -> Int? {
        guard let issuer = token.unverifiedIssuer else { return nil }
        return candidates.firstIndex { $0.issuer.rules.issuer == issuer }
    }
}

/// What came of a ``BearerCheck``.  Numbers are those of its candidates.
package enum BearerVerdict: Sendable {
    case good(AccessToken, Int)
    case refused(TokenRefusal)
    /// It names a key that the issuer's set does not have: a newer set may.
    case keyUnknown(Int)
    /// Nothing is known of this issuer's keys.
    case keysMissing(Int)
}
