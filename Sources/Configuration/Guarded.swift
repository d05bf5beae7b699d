package import Encodings
package import HTTPMessages
package import JOSE

/// A policy together with what it refers to: what a request under it needs, behind one reference.
///
/// Made once with the configuration; requests share it instead of copying settings.
package final class Guarded: Sendable {
    package let policy: Policy
    /// Bearer: those whose tokens count, at least one.  No two have the same name.
    package let issuers: [TrustedIssuer]
    /// Bearer: of all its issuers; others open no token.
    package let decryptionKeys: DecryptionKeys
    /// Session and endpoints: the only one.  Bearer: the first.
    package let provider: Provider
    package let isBearer: Bool
    /// Of the provider; nil for a bearer policy.
    package let rules: Provider.SessionRules?
    /// Session and attempt cookies, whatever the policy's mode: of its providers, and of all
    /// others that a browser may send along.
    package let cookies: GuardedCookies?
    /// Of a policy that swaps session cookies: finds them.
    package let splitter: CookieSplitter?
    /// Below it the endpoints of ``rules`` lie; empty without.
    package let prefix: ByteString
    /// A cookie of a request may have to be taken out before it goes on.
    package let editsCookies: Bool
    /// Whose pages may cause requests that a cookie lets in: `https://host[:port]`.
    package let origin: ByteString?

    /// - Parameters:
    ///   - own: its providers; `first` is the first of them.
    ///   - all: by their names.
    private init(
        _ policy: Policy, _ first: Provider, _ own: [Provider], among all: [ByteString: Provider]
    ) {
        self.policy = policy
        isBearer = policy.mode == .bearer
        provider = first
        issuers = policy.mode == .bearer ? own.map { TrustedIssuer($0, policy) } : []
        decryptionKeys = issuers.reduce(into: DecryptionKeys()) {
            $0.append(contentsOf: $1.provider.tokens.decryptionKeys)
        }
        rules = policy.mode == .bearer ? nil : first.sessions
        cookies = Self.cookies(own, among: all)
        splitter = policy.mode == .session ? cookies.map(CookieSplitter.init) : nil
        prefix = rules?.prefix ?? ""
        editsCookies = cookies != nil || policy.tokenCookie != nil
        let origins = Set(own.compactMap { $0.sessions?.origin })
        origin = policy.origin ?? (origins.count == 1 ? origins.first : nil)
    }

    /// A session's cookie opens its provider's routes: no upstream of another may come to know it,
    /// nor set it (COK-14, COK-15).
    private static func cookies(
        _ own: [Provider], among all: [ByteString: Provider]
    ) -> GuardedCookies? {
        func host(_ provider: Provider) -> ByteString? {
            provider.sessions.flatMap { URLReference($0.origin)?.host }
        }
        let hosts = Set(own.compactMap(host))
        // Where our own host is not known, any session may come along.
        let reaching = all.values.filter { other in
            hosts.isEmpty || host(other).map(hosts.contains) ?? false
        }
        let others = reaching.compactMap { $0.sessions?.cookieName }.sorted()
        return GuardedCookies(
            sessionNames: own.compactMap { $0.sessions?.cookieName } + others)
    }

    /// Whether a cookie of this name is kept from the upstream.
    package func takesOut(cookie name: ArraySlice<UInt8>) -> Bool {
        cookies?.contains(name) ?? false
            || policy.tokenCookie.map { name.elementsEqual($0.bytes) } ?? false
    }

    /// Policies of which a provider is missing are left out: what they guard is answered with 503.
    static func all(
        _ policies: [ByteString: Policy], _ providers: [ByteString: Provider]
    ) -> [ByteString: Guarded] {
        policies.compactMapValues { policy in
            let known = policy.providers.compactMap { providers[$0] }
            guard let first = known.first, known.count == policy.providers.count else { return nil }
            return Guarded(policy, first, known, among: providers)
        }
    }
}
