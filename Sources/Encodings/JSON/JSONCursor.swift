/// Walks once over a JSON object that holds nothing unusual, and builds nothing.
///
/// Whatever it accepts, ``JSONValue/parse(_:limits:)`` accepts with the same meaning: limits,
/// grammar, UTF-8 and names that occur twice, at every depth.  The other way round it is lazy: an
/// escape, a number that is no short integer, anything deep, large or wrong makes it *odd*, and
/// what is odd is read by the parser, which alone judges and decodes.
///
/// Use: ``nextName()`` until nil; after each name exactly one of ``string()``, ``integer()``,
/// ``skipValue()``; at the end ``isOdd`` must be asked.  An odd cursor gives no further name.
@usableFromInline
package struct JSONCursor: ~Escapable {
    @usableFromInline package let bytes: Span<UInt8>
    /// Where the document ends; a zero word follows, so that no read needs to look for the end: a
    /// zero is legal nowhere.
    @usableFromInline let end: Int
    @usableFromInline package var position: Int
    @usableFromInline package var isOdd = false
    @usableFromInline var isFirst = true
    @usableFromInline var names = JSONNames()
    @usableFromInline var separators = 0

    /// Far below what ``JSONLimits/token`` and ``JSONLimits/header`` allow.
    @usableFromInline static let separatorLimit = 900
    @usableFromInline static let sizeLimit = 8 << 10

    /// - Parameters:
    ///   - scratch: with the document at `start`, as ``Base64URL/decode(_:into:at:)`` leaves it.
    ///   - count: at most 8 KiB.
    @inlinable @_lifetime(copy bytes)
    package init(_ bytes: Span<UInt8>, from start: Int, count: Int) {
        self.bytes = bytes
        position = start
        end = start &+ count
        guard start >= 0, count >= 0, count <= Self.sizeLimit, end &+ 8 <= bytes.count,
            bytes.word(at: end) == 0
        else {
            isOdd = true
            return
        }
        skipSpace()
        expect(0x7B)
    }

    // MARK: Members of the object

    /// The next member's name; nil behind the last one, and where something is odd.
    @inlinable
    package mutating func nextName() -> JSONName? {
        guard !isOdd else { return nil }
        skipSpace()
        if head == 0x7D {
            position &+= 1
            skipSpace()
            if position != end { isOdd = true }
            return nil
        }
        if isFirst { isFirst = false } else { separate() }
        let name = name()
        return isOdd ? nil : name
    }

    /// The value, where it is a string: its bytes, without the quotes.
    @inlinable
    package mutating func string() -> Range<Int> {
        expect(0x22)
        let start = position
        while true {
            let word = bytes.word(at: position)
            let stop = Self.stops(word)
            guard stop != 0 else {
                position &+= 8
                continue
            }
            position &+= stop.trailingZeroBitCount &>> 3
            let byte = head
            if byte == 0x22 { break }
            guard byte >= 0x80, skipCharacter() else {
                isOdd = true
                return start..<start
            }
        }
        let result = start..<position
        position &+= 1
        return result
    }

    /// The value, where it is an integer of at most 15 digits without a sign; 0 is none.
    @inlinable
    package mutating func integer() -> Int64 {
        var value: Int64 = 0
        let start = position
        while true {
            let digit = head &- 0x30
            guard digit < 10 else { break }
            value = value &* 10 &+ Int64(digit)
            position &+= 1
            // No date is as long; and an endless one must not run over.
            if position &- start > 15 { break }
        }
        if value == 0 || position &- start > 15 || bytes[start] == 0x30 { isOdd = true }
        return value
    }

    // MARK: Parts

    @inlinable @inline(__always)
    package var head: UInt8 { position < bytes.count ? bytes[position] : 0 }

    @inlinable @inline(__always)
    package mutating func expect(_ byte: UInt8) {
        if head == byte { position &+= 1 } else { isOdd = true }
    }

    @inlinable @inline(__always)
    mutating func skipSpace() {
        while true {
            switch head {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    @inlinable @inline(__always)
    mutating func separate() {
        expect(0x2C)
        separators &+= 1
        if separators > Self.separatorLimit { isOdd = true }
        skipSpace()
    }

    /// With the colon behind it.
    /// - Parameter start: of the names of the same object.
    @inlinable
    mutating func name(from start: Int = 0) -> JSONName {
        let range = string()
        let name = JSONName(bytes, range)
        if !names.insert(name.fingerprint, from: start) { isOdd = true }
        skipSpace()
        expect(0x3A)
        skipSpace()
        return name
    }

    /// The high bit of each byte that ends a run of plain characters, or follows such a byte: `"`,
    /// `\`, what is below a space, and what is no ASCII.
    @inlinable @inline(__always)
    static func stops(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = word ^ (ones &* 0x22)
        let escapes = word ^ (ones &* 0x5C)
        let found =
            (quotes &- ones) & ~quotes | (escapes &- ones) & ~escapes
            | (word &- ones &* 0x20) & ~word | word
        return found & (ones &* 0x80)
    }

    /// One character beyond ASCII.
    /// - Returns: false where it is no UTF-8, or a surrogate (RFC 3629 §4).
    @usableFromInline @inline(never)
    mutating func skipCharacter() -> Bool {
        func follows(_ distance: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
            let place = position &+ distance
            return place < bytes.count && range.contains(bytes[place])
        }
        let length: Int
        switch head {
        case 0xC2...0xDF: length = follows(1) ? 2 : 0
        case 0xE0: length = follows(1, 0xA0...0xBF) && follows(2) ? 3 : 0
        case 0xED: length = follows(1, 0x80...0x9F) && follows(2) ? 3 : 0
        case 0xE1...0xEF: length = follows(1) && follows(2) ? 3 : 0
        case 0xF0: length = follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : 0
        case 0xF4: length = follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : 0
        case 0xF1...0xF3: length = follows(1) && follows(2) && follows(3) ? 4 : 0
        default: length = 0
        }
        position &+= length
        return length > 0
    }
}
