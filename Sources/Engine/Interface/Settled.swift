import Configuration
import Encodings
package import HTTPMessages
package import JOSE
import OAuth
import Synchronization

/// A decision that has been taken, with its header fields as a host takes them over.  Shared by
/// all requests that get the same answer.
package final class Settled: Sendable {
    /// What answers to many tokens have in common, behind one reference.
    @usableFromInline let common: Common
    package let isForward: Bool
    private let proof: Proof?
    private let read = AtomicLazyReference<ReadToken>()

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

    /// A token that was found good without building its claims.
    struct Proof: Sendable {
        let guarded: Guarded
        let token: Secret
    }

    private final class ReadToken: Sendable {
        let token: AccessToken
        init(_ token: AccessToken) { self.token = token }
    }

    package convenience init(_ decision: Decision) { self.init(decision, nil) }

    init(_ decision: Decision, _ proof: Proof?) {
        common = Common(decision)
        isForward = decision.outcome == .forward
        self.proof = proof
    }

    /// The same answer for another token.
    init(_ other: Settled, _ proof: Proof) {
        common = other.common
        isForward = other.isForward
        self.proof = proof
    }

    /// Its claims are not there yet where a ``DirectCheck`` took it: see ``claims``.
    @inlinable package var decision: Decision { common.decision }
    @inlinable package var upstream: HeaderBlock { common.upstream }
    @inlinable package var client: HeaderBlock { common.client }

    /// Verified claims; nil where there are none.
    package var claims: ClaimsSet? { decision.claims ?? accessToken?.claims }

    /// Of a ``DirectCheck``: read when somebody asks for the first time.
    var accessToken: AccessToken? {
        if let known = read.load() { return known.token }
        guard let proof, let token = AccessToken(verified: proof.token.reveal()) else {
            return nil
        }
        return read.storeIfNil(ReadToken(token)).token
    }

    /// Of a ``DirectCheck``: what was asked.
    package var subject: Subject? {
        guard let proof else { return nil }
        var head = RequestHead(method: "GET", target: "/", policy: proof.guarded.policy.name)
        let name = ByteString("Authorization")
        head.note(name: name.span, value: ("Bearer " + proof.token.reveal()).span)
        return .bearer(BearerRequest(head, proof.guarded))
    }
}
