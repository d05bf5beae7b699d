import Encodings
import Engine
import HTTPMessages
import Testing

/// Whatever is recalled must be what a full look gives: checked beside every request of every test.
extension Bench {
    /// What the driver would answer without a full look.
    func recall(_ request: TestRequest) -> (Settled, Recall)? {
        guard let guarded = core.configuration.guarded[request.policy] else { return nil }
        var glance = RequestGlance(method: request.method.span)
        for (name, value) in request.headers { glance.note(name: name.span, value: value.span) }
        guard
            let recall = Recall(glance, target: request.target.span, guarded, stamps: stamps),
            let settled = core.recall(recall, world.now)
        else { return nil }
        return (settled, recall)
    }

    func expect(_ recalled: (Settled, Recall), toBe decision: Decision?) {
        let (settled, recall) = recalled
        guard let decision else {
            Issue.record("an answer was recalled for a request that waits")
            return
        }
        var edits = settled.decision.upstreamEdits
        if recall.editsCookie { edits.append(HeaderEdit("Cookie", recall.cookie)) }
        func sorted(_ edits: [HeaderEdit]) -> [HeaderEdit] { edits.sorted { $0.name < $1.name } }
        #expect(sorted(edits) == sorted(decision.upstreamEdits))
        #expect(settled.decision.outcome == decision.outcome)
        #expect(settled.decision.reason == decision.reason)
        #expect(settled.decision.clientHeaders == decision.clientHeaders)
        #expect(settled.decision.claims == decision.claims)
        #expect(settled.decision.sessionState == decision.sessionState)
        #expect(settled.decision.guardedCookies == decision.guardedCookies)
    }
}
