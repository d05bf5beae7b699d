import Encodings
import Engine
import HTTPMessages
import Testing

/// Whatever is recalled must be what a full look gives: checked beside every request of every test.
extension Bench {
    /// What the driver would answer without a full look.
    /// - Returns: the answer, and what it makes of the `Cookie` field.
    func recall(_ request: TestRequest) -> (Settled, cookie: HeaderEdit?)? {
        guard let guarded = core.configuration.guarded[request.policy] else { return nil }
        var glance = RequestGlance(method: request.method.span)
        for (index, (name, value)) in request.headers.enumerated() {
            glance.note(index, name: name.span, value: value.span)
        }
        guard let index = Recall.field(of: glance, under: guarded) else { return nil }
        let field = request.headers[index].1
        guard let recall = Recall(field.span, target: request.target.span, guarded),
            let settled = core.recall(recall, in: field.span, guarded, world.now, stamps: stamps)
        else { return nil }
        return (settled, recall.cookie.map { HeaderEdit("Cookie", $0.text(of: field)) })
    }

    /// What the driver would answer after a check of the token alone.  Nothing is remembered of it.
    func prove(_ request: TestRequest) -> Settled? { proof(request)?.settled }

    func proof(_ request: TestRequest) -> RememberedToken? {
        guard let guarded = core.configuration.guarded[request.policy], guarded.rules == nil else {
            return nil
        }
        var glance = RequestGlance(method: request.method.span)
        for (index, (name, value)) in request.headers.enumerated() {
            glance.note(index, name: name.span, value: value.span)
        }
        guard !glance.mayBePreflight, let index = Recall.field(of: glance, under: guarded) else {
            return nil
        }
        let field = request.headers[index].1
        guard let recall = Recall(field.span, target: request.target.span, guarded) else {
            return nil
        }
        let check = core.directCheck(guarded, world.now)
        return check.prove(field.span.extracting(recall.credential), world.now)
    }

    func expect(_ recalled: (Settled, cookie: HeaderEdit?), toBe decision: Decision?) {
        let (settled, cookie) = recalled
        guard let decision else {
            Issue.record("an answer was recalled for a request that waits")
            return
        }
        var edits = settled.decision.upstreamEdits
        if let cookie { edits.append(cookie) }
        func sorted(_ edits: [HeaderEdit]) -> [HeaderEdit] { edits.sorted { $0.name < $1.name } }
        #expect(sorted(edits) == sorted(decision.upstreamEdits))
        #expect(settled.decision.outcome == decision.outcome)
        #expect(settled.decision.reason == decision.reason)
        #expect(settled.decision.clientHeaders == decision.clientHeaders)
        #expect(settled.claims == decision.claims)
        #expect(settled.decision.sessionState == decision.sessionState)
        #expect(settled.decision.guardedCookies == decision.guardedCookies)
    }
}

extension CookieSplitter.Remainder {
    func text(of line: ByteString) -> ByteString? {
        guard count > 0 else { return nil }
        return ByteString([UInt8](capacity: count) { write(line.span, to: &$0) })
    }
}
