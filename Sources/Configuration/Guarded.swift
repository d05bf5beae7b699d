import Encodings
package import HTTPMessages

/// A policy together with what it refers to: what a request under it needs, behind one reference.
///
/// Made once with the configuration; requests share it instead of copying settings.
package final class Guarded: Sendable {
    package let policy: Policy
    package let provider: Provider
    /// Of the provider; nil for a bearer policy.
    package let rules: Provider.SessionRules?
    /// The provider's session and attempt cookies, whatever the policy's mode.
    package let cookies: GuardedCookies?

    init(_ policy: Policy, _ provider: Provider) {
        self.policy = policy
        self.provider = provider
        rules = policy.mode == .bearer ? nil : provider.sessions
        cookies = provider.sessions.map { GuardedCookies(sessionName: $0.cookieName) }
    }

    /// Policies whose provider is missing are left out: what they guard is answered with 503.
    static func all(
        _ policies: [ByteString: Policy], _ providers: [ByteString: Provider]
    ) -> [ByteString: Guarded] {
        policies.compactMapValues { policy in
            providers[policy.provider].map { Guarded(policy, $0) }
        }
    }
}
