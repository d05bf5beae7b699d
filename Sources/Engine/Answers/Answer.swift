import Encodings
import HTTPMessages

/// The answers that Cloakroom gives itself.  None of them may be kept, framed or sniffed; none
/// repeats what the request said.
/// - Source: BRW-08, BRW-09, SES-02.
enum Answer {
    private static let always = [
        HeaderField("Cache-Control", "no-store"),
        HeaderField("X-Content-Type-Options", "nosniff"),
        HeaderField("Referrer-Policy", "no-referrer"),
    ]

    /// After a POST, too, the browser goes on with GET (RFC 9700 §4.12).
    static func redirect(
        _ location: ByteString, _ reason: Reason, cookies: [SetCookie] = []
    ) -> Decision {
        Decision(
            .respond(status: 303, body: ""), reason,
            clientHeaders: always + cookies.map(\.field) + [HeaderField("Location", location)])
    }

    static func json(_ object: JSONObject, _ reason: Reason, cookies: [SetCookie] = []) -> Decision
    {
        Decision(
            .respond(status: 200, body: object.serialized), reason,
            clientHeaders: always + cookies.map(\.field)
                + [HeaderField("Content-Type", "application/json")])
    }

    /// For programs: RFC 9457, with our reason word as an extension member.
    static func problem(
        _ status: Int, _ title: ByteString, _ reason: Reason, members: JSONObject = JSONObject(),
        headers: [HeaderField] = [], cookies: [SetCookie] = []
    ) -> Decision {
        var body = JSONObject()
        body.append("type", "about:blank")
        body.append("title", .string(title))
        body.append("status", .integer(Int64(status)))
        body.append("reason", .string(reason.word))
        for member in members.members { body.append(member.name, member.value) }
        return Decision(
            .respond(status: status, body: body.serialized), reason,
            clientHeaders: always + headers + cookies.map(\.field)
                + [HeaderField("Content-Type", "application/problem+json")])
    }

    /// For people.
    /// - Parameter link: a path of ours and its text; the path is percent-encoded ASCII.
    static func page(
        _ status: Int, _ title: ByteString, _ text: ByteString, _ reason: Reason,
        link: (ByteString, ByteString)? = nil, headers: [HeaderField] = [],
        cookies: [SetCookie] = []
    ) -> Decision {
        var body: ByteString = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
        body += "<meta name=\"viewport\" content=\"width=device-width\">"
        body += "<title>" + escaped(title) + "</title><h1>" + escaped(title) + "</h1><p>"
        body += escaped(text)
        if let (path, words) = link {
            body += "<p><a href=\"" + escaped(path) + "\">" + escaped(words) + "</a>"
        }
        body += "<p><small>" + reason.word + "</small></html>\n"
        return Decision(
            .respond(status: status, body: body), reason,
            clientHeaders: always + headers + cookies.map(\.field) + [
                HeaderField("Content-Type", "text/html; charset=utf-8"),
                HeaderField(
                    "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ])
    }

    static func retryAfter(_ seconds: Int64) -> HeaderField {
        HeaderField("Retry-After", ByteString(max(1, seconds)))
    }

    private static func escaped(_ text: ByteString) -> ByteString {
        var output = ByteString()
        for byte in text.bytes {
            switch byte {
            case 0x26: output += "&amp;"
            case 0x3C: output += "&lt;"
            case 0x3E: output += "&gt;"
            case 0x22: output += "&quot;"
            case 0x27: output += "&#39;"
            default: output.bytes.append(byte)
            }
        }
        return output
    }
}
