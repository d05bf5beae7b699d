import CJansson
import Encodings
import Observability

extension FuzzTarget {
    static let base64 = FuzzTarget(
        name: "base64", about: "base64url, base64 and hexadecimal digits", longest: 2 << 10,
        seeds: { inputs("", "QUJD", "QUI", "QUI=", "-_-_", "+/+/", "00ff") }
    ) { input in
        let text = ByteString(input)
        if let bytes = Base64URL.decode(text) {
            promise(Base64URL.encode(bytes) == text, "base64url has one spelling")
        }
        if let bytes = Base64.decode(text) {
            promise(Base64.encode(bytes) == text, "base64 has one spelling")
        }
        if let bytes = Hexadecimal.decode(text) {
            promise(Hexadecimal.encode(bytes) == text.lowercased, "digits come back")
        }
        promise(Base64URL.decode(Base64URL.encode(input)) == input, "base64url loses nothing")
        promise(Base64.decode(Base64.encode(input)) == input, "base64 loses nothing")
        promise(Hexadecimal.decode(Hexadecimal.encode(input)) == input, "digits lose nothing")
    }

    static let json = FuzzTarget(
        name: "json", about: "JSON documents, against jansson alone", longest: 64 << 10,
        words: [
            "{\"", "\":", "[[[[", "]]]]", "\\u0000", "\\ud83d\\ude00", "1e308", "-0.0", "null",
        ],
        seeds: {
            VectorRecords("jsontestsuite").sample(320, \.document) + [
                [UInt8](repeating: 0x5B, count: 60_000),
                Array("[".utf8) + Array(repeatElement(Array("1,".utf8), count: 20_000).joined()),
                Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: 60_000)
                    + Array("\"}".utf8),
            ]
        }
    ) { input in
        let narrow = JSONLimits(
            bytes: 2 << 10, depth: 5, members: 9, values: 30, stringBytes: 40)
        let theirs = Jansson(input)
        checkLimits(input, narrow, theirs)
        checkLimits(input, .standard, theirs)
        guard let value = try? JSONValue.parse(input) else { return }
        let text = value.serialized
        promise(text.isOneLine, "what is written has no control characters")
        let wide = JSONLimits(bytes: 1 << 20, stringBytes: 1 << 20)
        guard let again = try? JSONValue.parse(text.bytes, limits: wide) else {
            return promise(false, "what is written can be read")
        }
        promise(again == value, "what is written means the same")
        promise(again.serialized == text, "and is written the same")
    }

    /// Our limits refuse what is beyond them, and nothing that is well within them.
    private static func checkLimits(_ input: [UInt8], _ limits: JSONLimits, _ theirs: Jansson) {
        let size = theirs.root.map { TreeSize($0) }
        do throws(JSONError) {
            _ = try JSONValue.parse(input, limits: limits)
            guard let size else { return promise(false, "jansson reads what we read") }
            promise(
                input.count <= limits.bytes && size.depth <= limits.depth
                    && size.members <= limits.members && size.values <= limits.values
                    && size.longestText <= limits.stringBytes && !size.hasInfinity,
                "limits hold: \(size)")
        } catch {
            switch error {
            case .limitExceeded:
                guard let size, input.count <= limits.bytes else { return }
                // An escape is at most six bytes for one.
                promise(
                    size.depth > limits.depth || size.members > limits.members
                        || size.values > limits.values
                        || size.longestText * 6 > limits.stringBytes,
                    "limits leave what is small alone: \(size)")
            case .forbiddenCharacter:
                promise(
                    input.contains(0) || input.starts(with: [0xEF, 0xBB, 0xBF])
                        || ByteString(input).contains("\\u0000"), "only a NUL or a mark is refused")
            case .malformed: promise(size == nil || size?.hasInfinity == true, "it is malformed")
            case .notAnObject: promise(false, "any value will do")
            }
        }
    }

    static let logLine = FuzzTarget(
        name: "log-line", about: "what others wrote, in lines for the log", longest: 2 << 10
    ) { input in
        let line = LogLine(.info, ByteString(input)).text
        promise(line.isPrintableASCII, "a log line is one line of printable ASCII")
        promise(line.count <= 4_003, "and has an end")
    }
}
