package import Encodings

/// The first look at a request: enough to know again what was decided a moment ago.
package struct RequestGlance: Sendable {
    package private(set) var cookie: ByteString?
    package private(set) var authorization: ByteString?
    /// GET or HEAD, no upgrade, not from another site, nothing twice: only then can a session's
    /// answer be the same as before without a closer look.
    package private(set) var isPlain: Bool
    /// `Authorization` or `Cookie` came more than once.
    package private(set) var isRepeated = false

    package init(method: Span<UInt8>) { isPlain = method.isWord("GET") || method.isWord("HEAD") }

    package mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        switch name.count {
        case 6 where name.isName("cookie"):
            isRepeated = isRepeated || cookie != nil
            cookie = ByteString(copying: value)
        case 7 where name.isName("upgrade"): isPlain = false
        case 13 where name.isName("authorization"):
            isRepeated = isRepeated || authorization != nil
            authorization = ByteString(copying: value)
        case 14 where name.isName("sec-fetch-site"):
            isPlain = isPlain && (value.isWord("same-origin") || value.isWord("none"))
        default: break
        }
    }
}

extension Span<UInt8> {
    /// Byte for byte.
    fileprivate func isWord(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        // SAFETY: a StaticString lives for ever, and both lengths were compared above.
        let letters = unsafe text.utf8Start
        for index in indices where self[index] != (unsafe letters[index]) { return false }
        return true
    }

    /// Without case.
    /// - Parameter text: in lower case.
    package func isName(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        // SAFETY: a StaticString lives for ever, and both lengths were compared above.
        let letters = unsafe text.utf8Start
        for index in indices {
            if ASCII.lowercased(self[index]) != (unsafe letters[index]) { return false }
        }
        return true
    }
}
