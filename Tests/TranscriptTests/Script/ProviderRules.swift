import Encodings
import Foundation
import HTTPMessages

/// What the provider answers, from now on.
///
///     GET https://idp.example/jwks → 200
///         Cache-Control: max-age=60
///         {keys: k1}
///     POST https://idp.example/token grant_type=refresh_token → no connection
///
/// Words behind the URL must stand in the form.  The latest rule that fits is taken.  Instead of
/// an answer: `no connection`, `no answer` (it may have been sent), `nothing yet` (until a later
/// rule answers).
struct ProviderRules {
    struct Rule {
        var method: String
        var url: String
        var form: [String]
        var answer: Answer
    }
    enum Answer {
        /// Placeholders are filled when the answer is given.
        case response(status: Int, headers: [HeaderField], body: String)
        case failure(TransportFailure)
        case nothingYet
    }
    enum Problem: Error { case line(String) }

    private var rules: [Rule] = []

    mutating func add(_ lines: [String]) throws {
        var rest = lines[...]
        while let line = rest.popFirst() {
            let more = rest.prefix { $0.hasPrefix(" ") }
            rest = rest.dropFirst(more.count)
            rules.append(try Self.rule(line, more.map { String($0.drop { $0 == " " }) }))
        }
    }

    func answer(to request: OutboundRequest) -> Answer? {
        let method = request.method == .get ? "GET" : "POST"
        let form = Parameters(request.body).pairs.map { "\($0.name)=\($0.value)" }
        return rules.last { rule in
            rule.method == method && rule.url == request.url.string
                && rule.form.allSatisfy(form.contains)
        }?.answer
    }

    private static func rule(_ line: String, _ more: [String]) throws -> Rule {
        let halves = line.components(separatedBy: " → ")
        let words = Words.split(halves[0])
        guard halves.count == 2, words.count >= 2, ["GET", "POST"].contains(words[0]) else {
            throw Problem.line("not 'METHOD URL → ANSWER': \(line)")
        }
        return Rule(
            method: words[0], url: words[1], form: Array(words.dropFirst(2)),
            answer: try answer(halves[1], more))
    }

    private static func answer(_ text: String, _ more: [String]) throws -> Answer {
        switch text {
        case "no connection":
            return .failure(
                TransportFailure(.connect, mayHaveBeenSent: false, detail: "no connection"))
        case "no answer":
            return .failure(TransportFailure(.timeout, mayHaveBeenSent: true, detail: "no answer"))
        case "nothing yet": return .nothingYet
        default: break
        }
        let words = text.split(separator: " ", maxSplits: 1)
        guard let first = words.first, let status = Int(first) else {
            throw Problem.line("no status: \(text)")
        }
        let headers = more.prefix { $0.wholeMatch(of: /[A-Za-z-]+: .*/) != nil }
        let body =
            ([words.dropFirst().first.map(String.init) ?? ""] + more.dropFirst(headers.count))
            .joined()
        var fields = headers.map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return HeaderField(
                ByteString(parts[0].lowercased()), ByteString(String(parts[1].drop { $0 == " " })))
        }
        if fields.only("content-type") == nil {
            fields.append(
                HeaderField("content-type", body.hasPrefix("{") ? "application/json" : "text/html"))
        }
        return .response(status: status, headers: fields, body: body)
    }
}
