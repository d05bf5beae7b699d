package import Encodings
package import JOSE

/// ``AccessTokenRules`` for tokens that are read the short way.
///
/// A class, so that the rules are read where they lie: to copy them costs as much as to apply them.
package final class PlainRules: Sendable {
    private let issuer: ByteString
    private let audiences: [ByteString]
    private let algorithmSet: AlgorithmSet
    package let leeway: Int64
    private let profile: AccessTokenProfile
    /// ``AccessTokenProfile/plainClaims``, once for all tokens.
    private let plainClaims: PlainClaims.Present?
    private let requiresEncryption: Bool

    package init(_ rules: AccessTokenRules) {
        issuer = rules.issuer
        audiences = rules.audiences
        algorithmSet = AlgorithmSet(rules.algorithms)
        leeway = rules.leeway
        profile = rules.profile
        plainClaims = rules.profile.plainClaims
        requiresEncryption = rules.requiresEncryption
    }

    /// Whether a token names this issuer.
    /// - Parameter bytes: where the claims lie.
    package func concern(_ claims: PlainClaims, in bytes: Span<UInt8>) -> Bool {
        guard let named = claims.issuer else { return false }
        return issuer.isEqual(to: bytes.extracting(named))
    }

    /// Whether a token that was read the short way is good here, but for its signature.
    ///
    /// The rules are those of ``AccessTokenRules``, which must have the last word wherever one of
    /// them is not met: it alone knows why.
    /// - Parameters:
    ///   - bytes: where header and claims lie.
    ///   - scopes: all of them must stand in `scope`.
    /// - Returns: its `exp`; nil where the token has to be read the long way.
    package func expiry(
        of header: PlainHeader, _ claims: PlainClaims, in bytes: Span<UInt8>,
        requiring scopes: [ByteString] = [], now: Int64
    ) -> Int64? {
        guard !requiresEncryption, let named = claims.issuer,
            issuer.isEqual(to: bytes.extracting(named)),
            header.kind == .accessToken || (!profile.requiresType && !claims.mayBeOtherKind),
            let required = plainClaims, claims.present.isSuperset(of: required),
            algorithmSet.contains(header.algorithm),
            let expiry = claims.expiry,
            NumericDate(.integer(expiry))?.isAfter(now, leeway: leeway) ?? false,
            isReached(claims.notBefore, now),
            isForUs(claims, bytes)
        else { return nil }
        for scope in scopes {
            guard let granted = claims.scope, bytes.extracting(granted).hasWord(scope) else {
                return nil
            }
        }
        return expiry
    }

    private func isReached(_ start: Int64?, _ now: Int64) -> Bool {
        guard let start else { return true }
        return NumericDate(.integer(start))?.isReached(now, leeway: leeway) ?? false
    }

    private func isForUs(_ claims: PlainClaims, _ bytes: Span<UInt8>) -> Bool {
        guard let audience = claims.audience else { return false }
        for own in audiences {
            let isNamed =
                claims.isAudienceList
                ? bytes.hasElement(own, in: audience)
                : own.isEqual(to: bytes.extracting(audience))
            if isNamed { return true }
        }
        return false
    }
}

extension Span<UInt8> {
    /// Whether a word is among those between single spaces.
    fileprivate func hasWord(_ word: ByteString) -> Bool {
        guard !word.isEmpty else { return false }
        var start = 0
        for end in 0...count where end == count || self[end] == 0x20 {
            if word.isEqual(to: extracting(start..<end)) { return true }
            start = end &+ 1
        }
        return false
    }
}
