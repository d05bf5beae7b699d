package import Encodings
package import HTTPMessages
package import JOSE

/// What the host does with one request, and what it may want to know of it.
package struct Decision: Sendable {
    /// What the host does.
    package enum Outcome: Hashable, Sendable {
        /// Pass it on after the edits.
        case forward
        /// Answer it.
        case respond(status: Int, body: ByteString)
    }

    package var outcome: Outcome
    package var reason: Reason
    /// In order; a nil value only removes.  Applied whenever the request goes on, even where the
    /// host forwards in spite of `.respond`.
    package var upstreamEdits: [HeaderEdit]
    /// Added to the answer, also to that of a forwarded request.
    package var clientHeaders: [HeaderField]
    /// Verified claims; nil where there are none.
    package var claims: ClaimsSet?
    package var sessionState: SessionState?
    /// Cookies by which an upstream could speak in our name: dropped from its answers.
    package var guardedCookies: GuardedCookies?

    package init(
        _ outcome: Outcome, _ reason: Reason, upstreamEdits: [HeaderEdit] = [],
        clientHeaders: [HeaderField] = [], claims: ClaimsSet? = nil,
        sessionState: SessionState? = nil, guardedCookies: GuardedCookies? = nil
    ) {
        self.outcome = outcome
        self.reason = reason
        self.upstreamEdits = upstreamEdits
        self.clientHeaders = clientHeaders
        self.claims = claims
        self.sessionState = sessionState
        self.guardedCookies = guardedCookies
    }
}

/// Replaces all header fields of a name, or only removes them.
package struct HeaderEdit: Hashable, Sendable {
    package var name: ByteString
    package var value: ByteString?

    package init(_ name: ByteString, _ value: ByteString?) {
        self.name = name
        self.value = value
    }
}

/// What a request's session is, in one word.
package enum SessionState: String, Hashable, Sendable, CaseIterable {
    case none, active, refreshing, ended
}
