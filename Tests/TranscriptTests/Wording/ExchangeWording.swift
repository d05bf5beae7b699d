import Encodings
import HTTPMessages

extension OutboundRequest {
    /// Method and URL; below, indented, how we prove who we are, and the form.
    var wording: String {
        var lines = ["\(method == .get ? "GET" : "POST") \(url)"]
        for field in headers where field.name.lowercased == "authorization" {
            let words = field.value.words()
            let pair = words.last.flatMap { Base64.decode($0) }.map { ByteString($0).string } ?? "?"
            lines.append("\(field.name): \(words.first ?? "") \(pair)")
        }
        lines += Parameters(body).pairs.map { "\($0.name)=\($0.value)" }
        return lines.joined(separator: "\n    ")
    }
}
