import Foundation

/// Writes into the files what really came: for review, never for trust.
enum Rewriting {
    static let isWanted = ProcessInfo.processInfo.environment["CLOAKROOM_WRITE_TRANSCRIPTS"] == "1"

    /// - Parameter played: of one file, in order.
    static func rewrite(_ file: String, _ played: [Played]) throws {
        let path = Transcript.path(of: file)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        var lines = text.components(separatedBy: "\n")
        // From the end, so that line numbers stay true.
        for outcome in played.reversed() { rewrite(outcome, &lines) }
        let new = lines.joined(separator: "\n")
        if new != text { try new.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    private static func rewrite(_ outcome: Played, _ lines: inout [String]) {
        let known = outcome.step.expectations
        for block in known.reversed() {
            let new = outcome.text(block.kind) ?? "nothing"
            lines.replaceSubrange(
                block.line..<(block.lastLine - 1), with: new.components(separatedBy: "\n"))
        }
        guard !outcome.isQuiet, let last = outcome.step.inputs.last else { return }
        var fresh: [String] = []
        for kind in [Block.Kind.effects, .decision]
        where !known.contains(where: { $0.kind == kind }) {
            guard let text = outcome.text(kind) else { continue }
            fresh += ["", "```" + kind.rawValue] + text.components(separatedBy: "\n") + ["```"]
        }
        lines.insert(contentsOf: fresh, at: last.lastLine)
    }
}
