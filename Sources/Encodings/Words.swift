import Glibc

/// Several bytes at once, least significant first.
extension Span<UInt8> {
    /// Eight bytes; zero where they are not all there.
    @inlinable @inline(__always)
    package func word(at position: Int) -> UInt64 {
        guard position >= 0, position &+ 8 <= count else { return 0 }
        // SAFETY: any eight bytes are a number, and the range was checked just now.
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        return UInt64(littleEndian: word)
    }

    /// Four bytes; zero where they are not all there.
    @inlinable @inline(__always)
    package func halfWord(at position: Int) -> UInt32 {
        guard position >= 0, position &+ 4 <= count else { return 0 }
        // SAFETY: as above, for four bytes.
        let word = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt32.self)
        return UInt32(littleEndian: word)
    }
}

extension Span<UInt8> {
    /// Of the first such byte from there on.  Corresponds to `memchr`.
    package func position(of byte: UInt8, from start: Int) -> Int? {
        guard start >= 0, start < count else { return nil }
        return unsafe withUnsafeBytes { bytes in
            // SAFETY: the range that is searched lies within the bytes.
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
            else { return nil }
            return unsafe base.distance(to: found)
        }
    }

    /// Corresponds to `memcmp`.
    package func isEqual(to other: Span<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { own in
            unsafe other.withUnsafeBytes { other in
                guard let first = own.baseAddress, let second = other.baseAddress
                else { return true }
                // SAFETY: both are `count` bytes long.
                return unsafe memcmp(first, second, own.count) == 0
            }
        }
    }

    /// Byte for byte.
    package func isText(_ text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        // SAFETY: a StaticString lives for ever, and both lengths were compared above.
        let letters = unsafe text.utf8Start
        for index in indices where self[index] != (unsafe letters[index]) { return false }
        return true
    }
}
