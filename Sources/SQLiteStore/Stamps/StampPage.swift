import CShims
import Encodings
import Glibc
package import Sessions

/// The stamps of all sessions, in memory that every process with the same database shares.
///
/// A write to a session goes: take the database's write lock; ``repair()``; ``begin(_:)`` makes
/// the stamps odd; change the rows; commit; ``finish(_:)`` makes them even.  So whoever notes a
/// stamp before reading a row finds it changed as soon as the row may have changed.
///
/// A process that dies between `begin` and `finish` leaves odd stamps, which send every reader to
/// the store.  The next holder of the write lock repairs them: by then that process's transaction
/// is either committed or rolled back.  Whether there is something to repair, the `writing` word
/// tells, which is odd for as long as any stamp may be.
///
/// A finisher runs without the lock, so the next writer may have repaired its stamps already, and
/// made them odd again for a write of its own: whatever happens after `commit` goes by
/// compare-and-exchange.
@safe package final class StampPage: StampBoard, @unchecked Sendable {
    /// Sessions share them: a stranger's write costs a read of the store, no more.
    static let slots = 65_536
    /// Room before the first stamp, in counters: one page.
    private static let header = 512
    static let bytes = (header + slots) * 8

    private let counters: UnsafeMutablePointer<UInt64>

    /// - Parameter memory: at least ``bytes`` long, shared, from `mmap`; ours from now on.
    init(mapped memory: UnsafeMutableRawPointer) {
        // SAFETY: mapped memory begins at a page, and bytes of any value make counters.
        unsafe counters = memory.bindMemory(to: UInt64.self, capacity: Self.header + Self.slots)
    }

    deinit {
        // SAFETY: as it was mapped, and nothing uses it any more.
        unsafe munmap(counters, Self.bytes)
    }

    package func stamp(of key: RowKey) -> UInt64 { unsafe cshims_load(counter(Self.slot(of: key))) }

    /// What ``begin(_:)`` made odd.
    package struct Writing: Sendable {
        fileprivate var serial: UInt64
        fileprivate var stamps: [(slot: Int, stamp: UInt64)]
    }

    /// Makes even what a dead writer left odd.  Only with the write lock.
    package func repair() {
        let writing = unsafe cshims_load(word(.writing))
        guard isOdd(writing) else { return }
        for slot in 0..<Self.slots {
            let stamp = unsafe cshims_load(counter(slot))
            if isOdd(stamp) { _ = unsafe cshims_exchange(counter(slot), stamp, stamp &+ 1) }
        }
        _ = unsafe cshims_exchange(word(.writing), writing, writing &+ 1)
    }

    /// Says that these rows are about to change.  Only with the write lock, after ``repair()``.
    package func begin(_ keys: [RowKey]) -> Writing {
        let serial = unsafe (cshims_load(word(.writing)) &+ 1) | 1
        unsafe cshims_store(word(.writing), serial)
        let stamps = Set(keys.map(Self.slot)).map { slot in
            let stamp = unsafe (cshims_load(counter(slot)) &+ 1) | 1
            unsafe cshims_store(counter(slot), stamp)
            return (slot: slot, stamp: stamp)
        }
        return Writing(serial: serial, stamps: stamps)
    }

    /// Says that the transaction is over, whichever way it went.
    package func finish(_ writing: Writing) {
        for (slot, mine) in writing.stamps {
            while true {
                let stamp = unsafe cshims_load(counter(slot))
                // Another write is under way, and finishes it.
                if isOdd(stamp), stamp != mine { break }
                if unsafe cshims_exchange(counter(slot), stamp, nextEven(stamp)) { break }
            }
        }
        _ = unsafe cshims_exchange(word(.writing), writing.serial, writing.serial &+ 1)
    }

    /// The database that the stamps speak of.
    var identity: StampIdentity {
        get {
            unsafe StampIdentity(cshims_load(word(.identityHigh)), cshims_load(word(.identityLow)))
        }
        set {
            unsafe cshims_store(word(.identityHigh), newValue.high)
            unsafe cshims_store(word(.identityLow), newValue.low)
        }
    }

    /// ``magic`` in a page that is ready; 0 in one that was never filled.
    var mark: UInt64 {
        get { unsafe cshims_load(word(.mark)) }
        set { unsafe cshims_store(word(.mark), newValue) }
    }

    /// "CLOAKST1"; the last character is the layout.
    static let magic: UInt64 = 0x434C_4F41_4B53_5431

    var isHeaderEmpty: Bool {
        (0..<Self.header).allSatisfy { unsafe cshims_load(counters + $0) == 0 }
    }

    /// Makes every stamp one that nobody has ever noted, so that nothing anyone remembers is
    /// believed.  Only with the write lock.
    func renew(_ random: UInt64) {
        for slot in 0..<Self.slots { unsafe cshims_store(counter(slot), random & ~1) }
        unsafe cshims_store(word(.writing), nextEven(cshims_load(word(.writing))))
    }

    private enum Word: Int { case mark, identityHigh, identityLow, writing }

    /// Row keys are uniformly distributed; any bits will do.
    private static func slot(of key: RowKey) -> Int { Int(key.words.3 & UInt64(slots - 1)) }

    // SAFETY: each word lies in the header, each slot is below `slots`.
    private func word(_ word: Word) -> UnsafeMutablePointer<UInt64> {
        unsafe counters + word.rawValue
    }
    private func counter(_ slot: Int) -> UnsafeMutablePointer<UInt64> {
        unsafe counters + (Self.header + slot)
    }
}

/// Names a database; random, not secret.
struct StampIdentity: Hashable {
    var high: UInt64
    var low: UInt64

    init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
    }
}

private func isOdd(_ number: UInt64) -> Bool { number & 1 == 1 }
private func nextEven(_ number: UInt64) -> UInt64 { (number &+ 2) & ~1 }
