package import Configuration
import Encodings

/// What is remembered, found by credential and policy: a bounded hash table with open addressing.
///
/// Only credentials that were found good are kept, and both kinds end in characters that nobody
/// can choose: those of a signature, or of a random number.  So the last 16 bytes, mixed with
/// numbers that no client knows, are hash enough; the whole credential is compared.  Whoever
/// encrypts a good token can choose how it ends, again and again: that fills one window, no more.
///
/// An entry lies within ``window`` slots of its place, so no look-up is longer.  When the table is
/// full, a hand goes round: what was not used since it last came by has to go.
package struct RecallTable<Entry: Remembered>: Sendable {
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var isUsed = false
        var entry: Entry?
    }

    private var slots: [Slot] = []
    private var hand = 0
    package private(set) var count = 0
    let capacity: Int
    /// Random for each process.
    private let secrets = (mixed(0x243F_6A88_85A3_08D3), mixed(0x1319_8A2E_0370_7344))

    /// Wide enough that a table at its fullest, a third, overflows nowhere.
    private static var window: Int { 32 }
    /// What the hand looks at for one newcomer.
    private static var reach: Int { 512 }
    private static var shortest: Int { 16 }

    /// - Parameter capacity: the most entries that are kept; 0 keeps none.
    package init(capacity: Int) { self.capacity = max(0, capacity) }

    package mutating func find(_ credential: Span<UInt8>, _ guarded: Guarded) -> Entry? {
        guard !slots.isEmpty, let hash = hash(credential, guarded) else { return nil }
        var index = place(hash)
        for _ in 0..<Self.window {
            if slots[index].hash == hash, let entry = slots[index].entry,
                entry.isOf(credential, guarded)
            {
                if !slots[index].isUsed { slots[index].isUsed = true }
                return entry
            }
            index = next(index)
        }
        return nil
    }

    /// Takes the place of an entry for the same credential and policy.
    package mutating func insert(_ entry: Entry) {
        guard capacity > 0 else { return }
        growIfTight()
        if count >= capacity { makeRoom() }
        entry.credential.withBytes { credential in
            guard let hash = hash(credential, entry.guarded) else { return }
            let index = placeToWrite(hash, credential, entry.guarded)
            if slots[index].entry == nil { count += 1 }
            slots[index] = Slot(hash: hash, entry: entry)
        }
    }

    // MARK: Places

    private func place(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    }
    private func next(_ index: Int) -> Int { (index &+ 1) & (slots.count &- 1) }

    private func hash(_ credential: Span<UInt8>, _ guarded: Guarded) -> UInt64? {
        guard credential.count >= Self.shortest else { return nil }
        let policy = UInt64(UInt(bitPattern: ObjectIdentifier(guarded)))
        let product = (credential.word(at: credential.count &- 16) ^ secrets.0 ^ policy)
            .multipliedFullWidth(by: credential.word(at: credential.count &- 8) ^ secrets.1)
        return product.high ^ product.low
    }

    /// The same entry's, else the first that is free, else the first that nobody has used.
    private func placeToWrite(
        _ hash: UInt64, _ credential: Span<UInt8>, _ guarded: Guarded
    ) -> Int {
        let first = place(hash)
        var index = first
        var (free, unused): (Int?, Int?)
        for _ in 0..<Self.window {
            if let entry = slots[index].entry {
                if slots[index].hash == hash, entry.isOf(credential, guarded) { return index }
                if !slots[index].isUsed { unused = unused ?? index }
            } else {
                free = free ?? index
            }
            index = next(index)
        }
        return free ?? unused ?? first
    }

    // MARK: Room

    /// At most a third of the slots is used.
    private mutating func growIfTight() {
        guard slots.count < (count &+ 1) &* 3 else { return }
        let old = slots
        slots = Array(repeating: Slot(), count: max(64, old.count &* 2))
        hand = 0
        for slot in old where slot.entry != nil {
            var index = place(slot.hash)
            while slots[index].entry != nil { index = next(index) }
            slots[index] = slot
        }
    }

    private mutating func makeRoom() {
        var steps = 0
        while count >= capacity {
            hand = next(hand)
            steps &+= 1
            guard slots[hand].entry != nil else { continue }
            if slots[hand].isUsed, steps < Self.reach {
                slots[hand].isUsed = false
            } else {
                slots[hand] = Slot()
                count -= 1
            }
        }
    }
}

extension Remembered {
    fileprivate func isOf(_ credential: Span<UInt8>, _ guarded: Guarded) -> Bool {
        self.guarded === guarded && self.credential.withBytes { $0.isEqual(to: credential) }
    }
}

/// A number that differs from process to process.
private func mixed(_ number: UInt64) -> UInt64 { UInt64(bitPattern: Int64(number.hashValue)) }
