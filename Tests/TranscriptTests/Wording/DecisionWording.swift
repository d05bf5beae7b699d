import Encodings
import Engine
import HTTPMessages

extension Decision {
    /// Outcome and reason; then, in order, what the session is, what is done to the request's
    /// header, what is added to the answer's, and the answer's body.
    var wording: String {
        var lines: [String] = []
        switch outcome {
        case .forward: lines.append("forward \(reason)")
        case .respond(let status, _): lines.append("\(status) \(reason)")
        }
        if let sessionState { lines.append("session \(sessionState.rawValue)") }
        lines += edits + clientLines
        if case .respond(_, let body) = outcome, !body.isEmpty { lines += Self.lines(of: body) }
        return lines.joined(separator: "\n")
    }

    private var edits: [String] {
        var lines = upstreamEdits.compactMap { edit in
            edit.value.map { "upstream \(edit.name): \($0)" }
        }
        let removed = upstreamEdits.filter { $0.value == nil }.map(\.name.string)
        if !removed.isEmpty { lines.append("upstream without " + removed.joined(separator: ", ")) }
        return lines
    }

    /// What all our own answers have is one line.
    private var clientLines: [String] {
        let fields = clientHeaders.map { "\($0.name): \($0.value)" }
        let common = [
            "Cache-Control: no-store", "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer",
        ]
        let isOurs = fields.starts(with: common)
        return (isOurs ? ["client " + common.joined(separator: "; ")] : [])
            + fields.dropFirst(isOurs ? common.count : 0).map { "client " + $0 }
    }

    /// One line where it is short, else a member or a sentence a line.
    private static func lines(of body: ByteString) -> [String] {
        guard let object = try? JSONObject.parse(body.bytes) else {
            return body.string.replacing(/<(title|h1|p|a )/) { "\n<\($0.output.1)" }
                .split(separator: "\n").map { "body " + $0 }
        }
        if body.count <= 120 { return ["body " + body.string] }
        return object.members.map { "body \($0.name): \($0.value.serialized)" }
    }
}
