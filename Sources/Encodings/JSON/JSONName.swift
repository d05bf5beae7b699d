/// A member's name in a document that is walked over.
@usableFromInline
package struct JSONName {
    @usableFromInline package let range: Range<Int>
    /// Its first eight bytes, least significant first; zeros behind the end.
    @usableFromInline package let first: UInt64
    /// Its last eight bytes; as `first` where it has no more.
    @usableFromInline package let last: UInt64

    @inlinable @inline(__always)
    init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        self.range = range
        let count = range.upperBound &- range.lowerBound
        let word = bytes.word(at: range.lowerBound)
        if count < 8 {
            first = word & ((1 &<< UInt64(8 &* count)) &- 1)
            last = first
        } else {
            first = word
            last = bytes.word(at: range.upperBound &- 8)
        }
    }

    @inlinable @inline(__always)
    package var count: Int { range.upperBound &- range.lowerBound }

    /// Equal for equal names; others seldom share one, and are read by the parser if they do.
    @inlinable @inline(__always)
    var fingerprint: UInt64 {
        (first &* 0x9E37_79B9_7F4A_7C15) ^ (last &+ UInt64(truncatingIfNeeded: count))
    }
}

/// The names that are taken in the objects that are open.
@usableFromInline
struct JSONNames {
    /// A bit for each fingerprint that was ever there, by its highest six: most names are new.
    @usableFromInline var seen: UInt64 = 0
    @usableFromInline var fingerprints = InlineArray<64, UInt64>(repeating: 0)
    @usableFromInline var count = 0

    @inlinable init() {}

    /// - Parameter start: of the names of the same object.
    /// - Returns: false where it may be taken, or where there is no more room.
    @inlinable @inline(__always)
    mutating func insert(_ fingerprint: UInt64, from start: Int = 0) -> Bool {
        guard start >= 0, count >= start, count < 64 else { return false }
        var isTaken = false
        let bit: UInt64 = 1 &<< (fingerprint &>> 58)
        if seen & bit != 0 {
            for index in start..<count where fingerprints[index] == fingerprint { isTaken = true }
        }
        seen |= bit
        fingerprints[count] = fingerprint
        count &+= 1
        return !isTaken
    }

    @inlinable @inline(__always)
    mutating func forget(from start: Int) { count = start }
}
