package import Encodings

/// Methods and values that come with nearly every request: shared instead of copied.
package enum CommonWords {
    private static let words: [ByteString] = [
        "GET", "POST", "HEAD", "same-origin", "cors", "empty", "navigate", "document", "none",
        "cross-site", "*/*", "application/json",
    ]

    /// The bytes as a text, without a copy of them where they are one of the words.
    package static func text(_ span: Span<UInt8>) -> ByteString {
        for word in words where word.isEqual(to: span) { return word }
        return ByteString(copying: span)
    }
}
