import Encodings
import HTTPMessages

/// A request as a transcript writes it: a raw head, and above it, where it matters, under which
/// policy, on which worker and under what name.
struct ScriptedRequest {
    var policy: ByteString
    var worker = 1
    var name: String?
    var head: RequestHead
    /// The first look that a host takes at it.
    var glance: RequestGlance
    /// Of its header fields, in order.
    var values: [ByteString] = []

    /// - Parameter lines: without placeholders.
    init(_ lines: [String], standardPolicy: ByteString) throws {
        policy = standardPolicy
        var rest = lines[...]
        while let line = rest.first {
            if line.hasPrefix("under policy ") {
                policy = ByteString(String(line.dropFirst(13)))
            } else if line.hasPrefix("on worker "), let number = Int(line.dropFirst(10)) {
                worker = number
            } else if line.hasPrefix("as ") {
                name = String(line.dropFirst(3))
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        let words = (rest.popFirst() ?? "").split(separator: " ")
        guard words.count == 3, words[2].hasPrefix("HTTP/") else {
            throw Problem.line("'METHOD target HTTP/1.1' is missing")
        }
        head = RequestHead(
            method: ByteString(String(words[0])), target: ByteString(String(words[1])),
            policy: policy)
        let method = head.method
        glance = RequestGlance(method: method.span)
        for line in rest {
            guard let colon = line.firstIndex(of: ":") else {
                throw Problem.line("no header: \(line)")
            }
            let name = ByteString(String(line[..<colon]))
            let value = ByteString(String(line[line.index(after: colon)...].drop { $0 == " " }))
            head.note(name: name.span, value: value.span)
            glance.note(values.count, name: name.span, value: value.span)
            values.append(value)
        }
    }

    enum Problem: Error { case line(String) }
}
