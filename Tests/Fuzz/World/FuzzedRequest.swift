import Encodings
import HTTPMessages

/// A request as text: `METHOD TARGET POLICY SECONDS`, header fields a line each, an empty line, and
/// what the provider's token endpoint answers, where that is not to be the usual.
struct FuzzedRequest {
    let method: ByteString
    let target: ByteString
    let policy: ByteString
    /// Since the person signed in.
    let seconds: Int64
    let headers: [(name: ByteString, value: ByteString)]
    let tokenAnswer: [UInt8]

    init?(_ input: [UInt8]) {
        var rest = input[...]
        func line() -> ByteString {
            let line = rest.prefix { $0 != 0x0A }
            rest = rest.dropFirst(line.count + 1)
            return ByteString(line)
        }
        let words = line().words()
        guard words.count == 4, let seconds = Int64(words[3].string),
            (0...100_000).contains(seconds)
        else { return nil }
        (method, target, policy) = (words[0], words[1], words[2])
        self.seconds = seconds
        var headers: [(ByteString, ByteString)] = []
        while headers.count < 40 {
            let text = line()
            guard !text.isEmpty, let (name, value) = text.divided(at: 0x3A) else { break }
            headers.append((name, ByteString(value.bytes.drop { $0 == 0x20 })))
        }
        self.headers = headers
        tokenAnswer = Array(rest)
    }

    var head: RequestHead {
        var head = RequestHead(method: method, target: target, policy: policy)
        for field in headers { head.note(name: field.name.span, value: field.value.span) }
        return head
    }

    var glance: RequestGlance {
        var glance = RequestGlance(method: method.span)
        for (index, field) in headers.enumerated() {
            glance.note(index, name: field.name.span, value: field.value.span)
        }
        return glance
    }

    func values(_ name: ByteString) -> [ByteString] {
        headers.filter { $0.name.lowercased == name }.map(\.value)
    }
}
