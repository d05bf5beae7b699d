extension Base64URL {
    /// Each character's six bits, already shifted to where they belong: a table for each of four
    /// characters in turn.  The result's bytes lie least significant first.
    @usableFromInline static let shifted: InlineArray<1024, UInt32> = {
        var table = InlineArray<1024, UInt32>(repeating: foreign)
        for (number, character) in alphabet.enumerated() {
            let (value, place) = (UInt32(number), Int(character))
            table[place] = value << 2
            table[256 + place] = value >> 4 | (value & 0xF) << 12
            table[512 + place] = (value >> 2) << 8 | (value & 0x3) << 22
            table[768 + place] = value << 16
        }
        return table
    }()

    /// Stands for what is no character of the alphabet.
    @usableFromInline static let foreign: UInt32 = 1 << 31

    /// As ``decode(_:)``, into memory that is there already.
    ///
    /// Eight zero bytes follow the result.
    ///
    /// - Parameter offset: where the result begins.
    /// - Returns: the count of bytes; nil as well where they have no room.
    @inlinable
    package static func decode(
        _ text: Span<UInt8>, into scratch: Scratch, at offset: Int = 0
    ) -> Int? {
        let count = text.count
        guard offset >= 0, count & 3 != 1,
            offset &+ count / 4 &* 3 &+ 3 <= scratch.capacity
        else { return nil }
        var (position, output) = (0, offset)
        var seen: UInt32 = 0
        // Eight characters are six bytes.
        while position &+ 8 <= count {
            let word = text.word(at: position)
            let first = four(word)
            let second = four(word >> 32)
            seen |= first | second
            scratch.store(UInt64(first) | UInt64(second) << 24, at: output)
            position &+= 8
            output &+= 6
        }
        if position &+ 4 <= count {
            let last = four(UInt64(text.halfWord(at: position)))
            seen |= last
            scratch.store(UInt64(last), at: output)
            position &+= 4
            output &+= 3
        }
        let rest = count &- position
        guard rest > 0 else {
            scratch.store(0, at: output)
            return seen & foreign == 0 ? output &- offset : nil
        }
        var last = shifted[Int(text[position])] | shifted[256 + Int(text[position &+ 1])]
        if rest == 3 { last |= shifted[512 + Int(text[position &+ 2])] }
        seen |= last
        scratch.store(UInt64(last), at: output)
        output &+= rest &- 1
        scratch.store(0, at: output)
        // Bits of the last character that no byte needs.
        let unused = last >> UInt32(8 &* (rest &- 1)) & 0xFF
        return seen & foreign == 0 && unused == 0 ? output &- offset : nil
    }

    @inlinable @inline(__always)
    static func four(_ word: UInt64) -> UInt32 {
        shifted[Int(word & 0xFF)] | shifted[256 &+ Int(word >> 8 & 0xFF)]
            | shifted[512 &+ Int(word >> 16 & 0xFF)] | shifted[768 &+ Int(word >> 24 & 0xFF)]
    }
}
