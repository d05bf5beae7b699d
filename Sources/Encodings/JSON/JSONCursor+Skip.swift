extension JSONCursor {
    /// Arrays and objects inside one another that it still walks over.
    @usableFromInline static let depthLimit = 16

    /// Any value, checked as strictly as those that are looked at.
    ///
    /// Not by recursion: the depth is the token's to choose.
    @inlinable
    package mutating func skipValue() {
        if head == 0x22 {
            _ = string()
            return
        }
        // A bit for each open level, the innermost last: 1 is an object.
        var kinds: UInt32 = 0
        var depth = 0
        // Where the names of each open object begin.
        var frames = InlineArray<16, Int>(repeating: 0)
        while !isOdd {
            switch head {
            case 0x22: _ = string()
            case 0x7B, 0x5B:
                let isObject = head == 0x7B
                guard depth < Self.depthLimit else {
                    isOdd = true
                    return
                }
                frames[depth] = names.count
                kinds = kinds &<< 1 | (isObject ? 1 : 0)
                depth &+= 1
                position &+= 1
                skipSpace()
                if head != (isObject ? 0x7D : 0x5D) {
                    if isObject { _ = name(from: frames[depth &- 1]) }
                    continue
                }
            case 0x2D, 0x30...0x39: skipInteger()
            case 0x74: skip("true")
            case 0x66: skip("false")
            case 0x6E: skip("null")
            default: isOdd = true
            }
            // Behind a value: the next one, or the end of what holds it.
            while depth > 0, !isOdd {
                skipSpace()
                let isObject = kinds & 1 == 1
                if head == (isObject ? 0x7D : 0x5D) {
                    position &+= 1
                    depth &-= 1
                    kinds = kinds &>> 1
                    names.forget(from: frames[depth])
                } else {
                    separate()
                    if isObject { _ = name(from: frames[depth &- 1]) }
                    break
                }
            }
            if depth == 0 { return }
        }
    }

    /// The value, where it is an array of strings alone: what stands between the brackets, for
    /// ``Swift/Span/hasElement(_:in:)``.
    @inlinable
    package mutating func strings() -> Range<Int> {
        expect(0x5B)
        skipSpace()
        let start = position
        while !isOdd, head != 0x5D {
            if position > start { separate() }
            _ = string()
            skipSpace()
        }
        let end = position
        expect(0x5D)
        return start..<end
    }

    /// An integer of at most 15 digits, as JSON writes it.
    @inlinable
    mutating func skipInteger() {
        if head == 0x2D { position &+= 1 }
        let start = position
        while head &- 0x30 < 10, position &- start <= 15 { position &+= 1 }
        let count = position &- start
        if count == 0 || count > 15 || count > 1 && bytes[start] == 0x30 { isOdd = true }
    }

    @inlinable @inline(__always)
    mutating func skip(_ word: StaticString) {
        let count = word.utf8CodeUnitCount
        for index in 0..<count {
            // SAFETY: a StaticString lives for ever, and the index is below its length.
            if head != (unsafe word.utf8Start[index]) { isOdd = true }
            position &+= 1
        }
    }
}

extension Span<UInt8> {
    /// Whether a string is among those that ``JSONCursor/strings()`` has walked over.
    package func hasElement(_ text: ByteString, in list: Range<Int>) -> Bool {
        var position = list.lowerBound
        let end = Swift.min(list.upperBound, count)
        while position < end {
            guard self[position] == 0x22 else {
                position &+= 1
                continue
            }
            let start = position &+ 1
            position = start
            while position < end, self[position] != 0x22 { position &+= 1 }
            if text.isEqual(to: extracting(start..<position)) { return true }
            position &+= 1
        }
        return false
    }
}
