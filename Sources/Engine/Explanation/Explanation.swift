import Configuration
package import Encodings
import Observability

/// The chain of checks behind a decision, in words for people: what was looked at, in order, and
/// which check refused.
///
/// Nothing is recorded while a request is decided.  When it is asked for, what needs no effect is
/// looked at once more, in the flow's order; what the store or the provider said is told by the
/// reason.  No token, cookie, CSRF value, state or subject is ever shown.
package struct Explanation {
    private var text = ByteString()
    /// What the checks say now, where they can be made once more.
    var seen: Reason?

    /// - Parameter decision: nil while there is none.
    /// - Returns: one line of printable ASCII.
    package static func text(
        of subject: Subject, _ surroundings: Surroundings, _ decision: Decision?
    ) -> ByteString {
        var explanation = Explanation()
        switch subject {
        case .bearer(let request): explanation.add(request, surroundings)
        case .browser(let request): explanation.add(request, surroundings)
        case .open(let guarded):
            explanation.add(
                "policy \(guarded.policy.name): endpoints only; the path is none of them")
        case .unconfigured(let policy): explanation.add("policy \(quoted(policy)): not configured")
        }
        explanation.conclude(decision)
        return LogLine(.debug, explanation.text).text
    }

    /// Of a request that was answered by a ``Recall``.
    package static func text(ofRecalled decision: Decision) -> ByteString {
        var explanation = Explanation()
        explanation.add("as an equal request a moment ago, and nothing has changed since")
        explanation.conclude(decision)
        return explanation.text
    }

    mutating func add(_ step: ByteString) {
        if !text.isEmpty { text += "; " }
        text += step
    }

    private mutating func conclude(_ decision: Decision?) {
        guard let decision else { return add("not decided yet") }
        // Time goes on, keys change: then the chain is not the one that decided.
        if let seen, seen != decision.reason { add("now it would be \(seen.word); it was") }
        switch decision.outcome {
        case .forward: text += ": forwarded"
        case .respond(let status, _):
            text += (status >= 400 ? ": refused " : ": answered ") + ByteString(status)
        }
        text += " " + decision.reason.word
    }

    // MARK: Texts that others wrote

    /// At most 60 bytes.
    static func quoted(_ text: ByteString) -> ByteString {
        let shown = text.bytes.prefix(60).map { $0 == 0x22 || $0 == 0x5C ? 0x3F : $0 }
        return "\"" + ByteString(shown) + (text.count > 60 ? "...\"" : "\"")
    }

    /// The first four.
    static func list(_ texts: [ByteString]) -> ByteString {
        var output: ByteString = "["
        for (index, text) in texts.prefix(4).enumerated() {
            output += (index > 0 ? ", " : "") + quoted(text)
        }
        return output + (texts.count > 4 ? ", ...]" : "]")
    }
}
