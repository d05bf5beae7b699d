import Encodings
import Engine
import Testing

@Suite("Every reason word stands in a transcript")
struct CoverageTests {
    /// Words that no decision has, and where they stand instead.
    private static let neverDecided: [String: Place] = [
        // What a client is told in place of the check's own word.
        "token_refused": .body,
        // About ID tokens: the browser's request is decided as `login_token_refused`, or as
        // `session_unknown` after a refresh.
        "not_an_id_token": .log,
        "issue_time_missing": .log,
        "issue_time_implausible": .log,
        "subject_missing": .log,
        "wrong_subject": .log,
        "wrong_authorized_party": .log,
        "wrong_nonce": .log,
        "wrong_access_token": .log,
        "wrong_authentication_time": .log,
        "authentication_too_old": .log,
    ]
    private enum Place { case body, log }

    private static let blocks = Transcript.all.flatMap(\.tests).flatMap(\.blocks)

    private static let decided: Set<String> = {
        let lines = blocks.filter { $0.kind == .decision }.flatMap(\.lines)
        return Set(
            lines.compactMap { line in
                line.wholeMatch(of: /(?:[a-z0-9 ]+: )*(?:forward|[1-5][0-9][0-9]) ([a-z_]+)/)
                    .map { String($0.output.1) }
            })
    }()

    @Test("Each is the reason of a decision, or it is known why not", arguments: Reason.all)
    func stands(reason: Reason) {
        let word = reason.word.string
        guard let place = Self.neverDecided[word] else {
            #expect(Self.decided.contains(word), "no transcript is decided as \(word)")
            return
        }
        #expect(
            !Self.decided.contains(word), "\(word) is a decision after all: take it off the list")
        let lines = Self.blocks.filter { $0.kind == (place == .log ? .effects : .decision) }
            .flatMap(\.lines)
        #expect(
            lines.contains { line in
                place == .log
                    ? line.contains("log ") && line.contains(word)
                    : line.hasPrefix("body ") && line.contains("\"reason\":\"\(word)\"")
            }, "\(word) stands in no \(place)")
    }

    @Test("Only words that exist are decided")
    func known() {
        #expect(Self.decided.subtracting(Reason.all.map(\.word.string)).isEmpty)
        #expect(Set(Self.neverDecided.keys).isSubset(of: Reason.all.map(\.word.string)))
    }
}
