import Encodings
package import HTTPMessages

/// A policy together with what it refers to: what a request under it needs, behind one reference.
///
/// Made once with the configuration; requests share it instead of copying settings.
package final class Guarded: Sendable {
    package let policy: Policy
    /// Bearer: those whose tokens count, at least one.  No two have the same name.
    package let issuers: [TrustedIssuer]
    /// Session and endpoints: the only one.  Bearer: the first.
    package let provider: Provider
    /// Of the provider; nil for a bearer policy.
    package let rules: Provider.SessionRules?
    /// The session and attempt cookies of all its providers, whatever the policy's mode.
    package let cookies: GuardedCookies?

    /// - Parameter first: the first of the providers.
    private init(_ policy: Policy, _ first: Provider, _ providers: [Provider]) {
        self.policy = policy
        provider = first
        issuers = policy.mode == .bearer ? providers.map { TrustedIssuer($0, policy) } : []
        rules = policy.mode == .bearer ? nil : first.sessions
        cookies = GuardedCookies(sessionNames: providers.compactMap { $0.sessions?.cookieName })
    }

    /// Policies of which a provider is missing are left out: what they guard is answered with 503.
    static func all(
        _ policies: [ByteString: Policy], _ providers: [ByteString: Provider]
    ) -> [ByteString: Guarded] {
        policies.compactMapValues { policy in
            let known = policy.providers.compactMap { providers[$0] }
            guard let first = known.first, known.count == policy.providers.count else { return nil }
            return Guarded(policy, first, known)
        }
    }
}
