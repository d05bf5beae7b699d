import Locks
package import Sessions

/// The stamps of a ``MemoryStore``, for the threads that do not own the store.
package final class MemoryBoard: StampBoard {
    /// Held for one look-up at a time.
    private let stamps = Locked<[UInt16: UInt64]>([:])

    package func stamp(of key: RowKey) -> UInt64 {
        stamps.withLock { $0[MemoryTable.slot(of: key)] ?? 0 }
    }

    func set(_ slot: UInt16, _ stamp: UInt64) { stamps.withLock { $0[slot] = stamp } }

    func replace(with new: [UInt16: UInt64]) { stamps.withLock { $0 = new } }
}
