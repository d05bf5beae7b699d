import Encodings

/// The `error` of an answer: a short word of letters, digits and `_ - .`, so that it can stand in
/// a log line and on a page.  RFC 6749 would allow more; nobody uses it.
enum ErrorWord {
    static func isGood(_ text: ByteString) -> Bool {
        (1...64).contains(text.count)
            && text.bytes.allSatisfy {
                ASCII.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D || $0 == 0x2E
            }
    }
}
