/// Memory that is written over and over, so that nothing is allocated for each piece of work.
///
/// Belongs to one piece of work at a time, on one thread.
@safe package final class Scratch {
    @usableFromInline package let memory: UnsafeMutableRawPointer
    package let capacity: Int
    /// Bytes behind ``capacity``, so that whole words may be read and written at its end.
    @usableFromInline package static let slack = 8

    package init(capacity: Int) {
        self.capacity = max(0, capacity)
        let size = self.capacity + Self.slack
        // SAFETY: ours until `deinit`; zeroed, so that every byte may be read.
        unsafe memory = .allocate(byteCount: size, alignment: 8)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit { unsafe memory.deallocate() }

    /// All of it, slack included; what is read of it is the caller's affair.
    @inlinable package var bytes: Span<UInt8> {
        @_lifetime(borrow self) get {
            // SAFETY: the memory lives as long as the object, which the span depends on.
            let span = unsafe Span<UInt8>(
                _unsafeStart: memory.assumingMemoryBound(to: UInt8.self),
                count: capacity &+ Self.slack)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// - Returns: false where they have no room; nothing is written then.
    package func write(_ bytes: Span<UInt8>, at position: Int) -> Bool {
        guard position >= 0, position <= capacity, bytes.count <= capacity &- position else {
            return false
        }
        // SAFETY: the range that is written lies within the memory.
        unsafe bytes.withUnsafeBytes { source in
            guard let start = source.baseAddress else { return }
            unsafe (memory + position).copyMemory(from: start, byteCount: source.count)
        }
        return true
    }

    /// Writes eight bytes, least significant first; nothing where they have no room.
    @inlinable package func store(_ word: UInt64, at position: Int) {
        guard position >= 0, position <= capacity else { return }
        // SAFETY: as many bytes as the slack has lie behind the capacity.
        unsafe memory.storeBytes(of: word.littleEndian, toByteOffset: position, as: UInt64.self)
    }
}
