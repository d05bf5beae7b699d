import Encodings
import Engine
import HTTPMessages

/// What a host would get without a full look.  Transcripts always take that look; whatever can be
/// recalled must be the same.
struct Recalled {
    private let decision: Decision
    private let cookie: HeaderEdit?

    /// - Returns: nil where nothing is recalled.
    init?(_ request: ScriptedRequest, _ core: inout EngineCore, _ stage: Stage) {
        guard let guarded = core.configuration.guarded[request.policy],
            let index = Recall.field(of: request.glance, under: guarded)
        else { return nil }
        let field = request.values[index]
        guard let recall = Recall(field.span, target: request.head.target.span, guarded),
            let settled = core.recall(
                recall, in: field.span, guarded, stage.now, stamps: stage.store.board)
        else { return nil }
        decision = settled.decision
        cookie = recall.cookie.map { rest in
            let text = [UInt8](capacity: rest.count) { rest.write(field.span, to: &$0) }
            return HeaderEdit("Cookie", text.isEmpty ? nil : ByteString(text))
        }
    }

    /// The same, and nothing else had to be done.
    func isAnswered(by result: EngineCore.StartResult) -> Bool {
        guard let full = result.decision, result.actions.isEmpty else { return false }
        return full.outcome == decision.outcome && full.reason == decision.reason
            && full.clientHeaders == decision.clientHeaders
            && full.sessionState == decision.sessionState && full.claims == decision.claims
            && full.guardedCookies == decision.guardedCookies
            && Self.effective(full.upstreamEdits)
                == Self.effective((cookie.map { [$0] } ?? []) + decision.upstreamEdits)
    }

    /// The first edit of a name counts.
    private static func effective(_ edits: [HeaderEdit]) -> [ByteString: ByteString?] {
        Dictionary(edits.map { ($0.name.lowercased, $0.value) }) { first, _ in first }
    }
}
