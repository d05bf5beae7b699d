package import Encodings

/// Methods and values that come with nearly every request: shared instead of copied.
package enum CommonWords {
    private static let words: [ByteString] = [
        "GET", "POST", "HEAD", "same-origin", "cors", "empty", "navigate", "document", "none",
        "cross-site", "*/*", "application/json",
    ]

    package static func text(_ span: Span<UInt8>) -> ByteString {
        for word in words where word.count == span.count && word == span { return word }
        return ByteString(copying: span)
    }
}

extension ByteString {
    fileprivate static func == (left: Self, right: Span<UInt8>) -> Bool {
        let bytes = left.span
        guard bytes.count == right.count else { return false }
        for index in right.indices where bytes[index] != right[index] { return false }
        return true
    }
}
