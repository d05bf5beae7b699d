package import HTTPMessages
package import JOSE
import OAuth

/// A decision that has been taken, with its header fields as a host takes them over.  Shared by
/// all requests that get the same answer.
package class Settled: @unchecked Sendable {
    /// What answers to many tokens have in common, behind one reference.
    @usableFromInline let common: Common
    package let isForward: Bool

    @usableFromInline final class Common: Sendable {
        @usableFromInline let decision: Decision
        @usableFromInline let upstream: HeaderBlock
        @usableFromInline let client: HeaderBlock

        init(_ decision: Decision) {
            self.decision = decision
            upstream = HeaderBlock(decision.upstreamEdits.map { ($0.name, $0.value) })
            client = HeaderBlock(decision.clientHeaders.map { ($0.name, $0.value) })
        }
    }

    package init(_ decision: Decision) {
        common = Common(decision)
        isForward = decision.outcome == .forward
    }

    /// The same answer for another token.
    init(like other: Settled) {
        common = other.common
        isForward = other.isForward
    }

    /// Its claims are not there yet where a ``DirectCheck`` took it: see ``claims``.
    @inlinable package var decision: Decision { common.decision }
    @inlinable package var upstream: HeaderBlock { common.upstream }
    @inlinable package var client: HeaderBlock { common.client }

    /// Verified claims; nil where there are none.
    package var claims: ClaimsSet? { decision.claims ?? accessToken?.claims }

    /// Of a bearer token alone.
    var accessToken: AccessToken? { nil }

    /// What was asked, where a ``DirectCheck`` took it.
    package var subject: Subject? { nil }
}
