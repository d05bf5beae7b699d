package import Encodings

/// What a request must bring, and what the upstream gets.
package struct Policy: Hashable, Sendable {
    /// What a request must bring.
    package enum Mode: Hashable, Sendable {
        /// `Authorization: Bearer`, or a cookie that the policy names, with a JWT access token for
        /// one of the audiences.
        case bearer
        /// The session cookie, swapped for the session's access token.
        case session
        /// Only the endpoints below the prefix; every other path passes untouched.
        case endpoints
    }

    package var name: ByteString
    package var mode: Mode
    /// Names of the ``Provider``s whose tokens count; exactly one but for bearer.
    package var providers: [ByteString]
    /// Bearer: one of these must stand in `aud`, where the provider has no audiences of its own.
    package var audiences: [ByteString]
    /// Bearer: all of these must stand in `scope`.
    package var requiredScopes: [ByteString]
    /// Header fields that tell the upstream a claim; a client's own are always removed.
    package var claimHeaders: [ClaimHeader]
    /// Bearer: the `realm` of challenges.
    package var realm: ByteString
    /// Cross-site requests for subresources pass with the cookie (BRW-03).
    package var allowsCrossSiteReads: Bool
    /// The token goes to the upstream; off where the upstream only wants claim headers.
    package var forwardsToken: Bool
    /// Bearer: the cookie in which an application itself has put the token; nil: the header only.
    package var tokenCookie: ByteString?
    /// Bearer with a token cookie: `https://host[:port]` of the pages that use it; nil: as the
    /// provider's sessions.
    package var origin: ByteString?

    package init(
        name: ByteString, mode: Mode, providers: [ByteString], audiences: [ByteString] = [],
        requiredScopes: [ByteString] = [], claimHeaders: [ClaimHeader] = [],
        realm: ByteString = "api", allowsCrossSiteReads: Bool = false, forwardsToken: Bool = true,
        tokenCookie: ByteString? = nil, origin: ByteString? = nil
    ) {
        self.name = name
        self.mode = mode
        self.providers = providers
        self.audiences = audiences
        self.requiredScopes = requiredScopes
        self.claimHeaders = claimHeaders
        self.realm = realm
        self.allowsCrossSiteReads = allowsCrossSiteReads
        self.forwardsToken = forwardsToken
        self.tokenCookie = tokenCookie
        self.origin = origin
    }
}

/// A header field that tells the upstream a claim.
package struct ClaimHeader: Hashable, Sendable {
    package var name: ByteString
    package var claim: ByteString

    package init(name: ByteString, claim: ByteString) {
        self.name = name
        self.claim = claim
    }
}
