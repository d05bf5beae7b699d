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
    /// A CORS preflight brings no credentials that count.
    package let mayBePreflight: Bool

    package init(method: Span<UInt8>) {
        isPlain = method.isWord("GET") || method.isWord("HEAD")
        mayBePreflight = method.isWord("OPTIONS")
    }

    /// Most header fields are told by the length of their names.
    @inlinable @inline(__always) package static func concerns(nameLength: Int) -> Bool {
        nameLength == 6 || nameLength == 7 || nameLength == 13 || nameLength == 14
    }

    /// To be called for each header field that ``concerns(nameLength:)`` does not exclude.
    /// - Parameter index: which one it is, counted from 0.
    package mutating func note(_ index: Int, name: Span<UInt8>, value: Span<UInt8>) {
        switch name.count {
        case 6 where name.isName("cookie"):
            isRepeated = isRepeated || cookie != nil
            cookie = index
        case 7 where name.isName("upgrade"): isPlain = false
        case 13 where name.isName("authorization"):
            isRepeated = isRepeated || authorization != nil
            authorization = index
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
        // From the end: names of one length mostly differ there.
        var end = count
        while end >= 8 {
            guard Self.differ(word(at: end &- 8), text.word(at: end &- 8)) == 0 else { return false }
            end &-= 8
        }
        while end > 0 {
            end &-= 1
            let letter = UInt64(text.byte(at: end))
            guard Self.differ(UInt64(self[end]), letter) == 0 else { return false }
        }
        return true
    }

    /// Bit 0x20 tells capital letters from small ones, and does so in no other character.
    @inline(__always)
    private static func differ(_ bytes: UInt64, _ letters: UInt64) -> UInt64 {
        (bytes ^ letters) & ~((letters & 0x4040_4040_4040_4040) >> 1)
    }
}

extension StaticString {
    fileprivate func byte(at index: Int) -> UInt8 {
        precondition(index >= 0 && index < utf8CodeUnitCount)
        // SAFETY: a StaticString lives for ever, and the place was checked just now.
        return unsafe utf8Start[index]
    }

    fileprivate func word(at index: Int) -> UInt64 {
        precondition(index >= 0 && index &+ 8 <= utf8CodeUnitCount)
        // SAFETY: as above.
        return unsafe UInt64(
            littleEndian: UnsafeRawPointer(utf8Start + index).loadUnaligned(as: UInt64.self))
    }
}
