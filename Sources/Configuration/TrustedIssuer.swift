import JOSE
package import OAuth

/// An issuer whose access tokens a bearer policy takes, and what they must be under it.
///
/// Algorithms, leeway, audiences and keys are its own: nothing of one issuer ever serves another
/// (KEY-13).
package final class TrustedIssuer: Sendable {
    package let provider: Provider
    package let rules: AccessTokenRules
    /// The same, for tokens that are read the short way.
    package let plainRules: PlainRules

    init(_ provider: Provider, _ policy: Policy) {
        self.provider = provider
        let tokens = provider.tokens
        rules = AccessTokenRules(
            issuer: provider.issuer,
            audiences: tokens.audiences.isEmpty ? policy.audiences : tokens.audiences,
            algorithms: tokens.accessAlgorithms, leeway: tokens.leeway,
            profile: tokens.profile, decryptionKeys: tokens.decryptionKeys,
            requiresEncryption: !tokens.decryptionKeys.isEmpty && tokens.requiresEncryption)
        plainRules = PlainRules(rules)
    }
}
