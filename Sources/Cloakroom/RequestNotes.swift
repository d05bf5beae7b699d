import CCloakroom
import Encodings
import Engine
import JOSE

/// What the host asked a request for: put on the shelf when it asks first, and there it stays,
/// unmoved, until the request is freed.
@safe final class RequestNotes {
    private let shelf = Shelf()
    private var words: [Word: cloakroom_str] = unsafe [:]

    private enum Word: Hashable {
        case reason, explanation, body, sessionState
        case claim(ByteString)
    }

    func reason(_ answer: Settled) -> cloakroom_str {
        unsafe place(.reason) { answer.decision.reason.word } ?? .absent
    }

    func body(_ answer: Settled) -> cloakroom_str {
        let body = unsafe place(.body) {
            if case .respond(_, let text) = answer.decision.outcome { text } else { nil }
        }
        return unsafe body ?? .absent
    }

    func claim(_ name: ByteString, _ answer: Settled) -> cloakroom_str? {
        unsafe place(.claim(name)) {
            answer.claims?[name].map { $0.string ?? $0.serialized }
        }
    }

    func sessionState(_ answer: Settled) -> cloakroom_str {
        let state = unsafe place(.sessionState) {
            answer.decision.sessionState.map { ByteString($0.rawValue) }
        }
        return unsafe state ?? .absent
    }

    /// One while there is no decision is not kept: the next may know more.
    func explanation(_ text: ByteString, isFinal: Bool) -> cloakroom_str {
        guard isFinal else { return unsafe shelf.place(text) }
        return unsafe place(.explanation) { text } ?? .absent
    }

    var explanation: cloakroom_str? { unsafe words[.explanation] }

    private func place(_ word: Word, _ text: () -> ByteString?) -> cloakroom_str? {
        if let known = unsafe words[word] { return unsafe known }
        guard let text = text() else { return nil }
        let slice = unsafe shelf.place(text)
        unsafe words[word] = slice
        return unsafe slice
    }
}
