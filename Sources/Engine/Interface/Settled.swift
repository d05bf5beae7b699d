package import HTTPMessages

/// A decision that has been taken, with its header fields as a host takes them over.  Shared by
/// all requests that get the same answer.
package final class Settled: Sendable {
    package let decision: Decision
    package let isForward: Bool
    package let upstream: HeaderBlock
    package let client: HeaderBlock

    package init(_ decision: Decision) {
        self.decision = decision
        isForward = decision.outcome == .forward
        upstream = HeaderBlock(decision.upstreamEdits.map { ($0.name, $0.value) })
        client = HeaderBlock(decision.clientHeaders.map { ($0.name, $0.value) })
    }
}
