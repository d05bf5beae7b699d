import Encodings

/// The first look at a request: enough to know again what was decided a moment ago.
package struct RequestGlance: Sendable {
    /// Which of the header fields it is, counted from 0.
    package private(set) var cookie: Int?
    package private(set) var authorization: Int?
    /// GET or HEAD, no upgrade, not from another site, nothing twice: only then can a session's
    /// answer be the same as before without a closer look.
    package private(set) var isPlain: Bool
    /// `Authorization` or `Cookie` came more than once.
    package private(set) var isRepeated = false
    @usableFromInline package var count = 0

    package init(method: Span<UInt8>) { isPlain = method.isWord("GET") || method.isWord("HEAD") }

    /// To be called for each header field, in order.
    @inlinable package mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        // Most are told by the length of their names.
        switch name.count {
        case 6, 7, 13, 14: look(name, value)
        default: break
        }
        count &+= 1
    }

    @usableFromInline package mutating func look(_ name: Span<UInt8>, _ value: Span<UInt8>) {
        switch name.count {
        case 6 where name.isName("cookie"):
            isRepeated = isRepeated || cookie != nil
            cookie = count
        case 7 where name.isName("upgrade"): isPlain = false
        case 13 where name.isName("authorization"):
            isRepeated = isRepeated || authorization != nil
            authorization = count
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
        // From the end: names of one length mostly differ there.
        var index = count
        while index > 0 {
            index &-= 1
            if ASCII.lowercased(self[index]) != (unsafe letters[index]) { return false }
        }
        return true
    }
}
