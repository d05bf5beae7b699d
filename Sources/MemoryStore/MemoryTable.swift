package import Sessions

/// All that a ``MemoryStore`` holds, as one value: a simulation copies, compares and puts it back.
///
/// Equal tables answer equally, whatever the process: no answer depends on a dictionary's order.
package struct MemoryTable: Hashable, Sendable {
    private var entries: [RowKey: Entry] = [:]
    private var spent: [RowKey: Int64] = [:]
    private var kept: [RowKey: Kept] = [:]
    /// Of the rows that share a slot; a slot that is not there counts 0.
    package private(set) var stamps: [UInt16: UInt64] = [:]

    package init() {}

    package var count: Int { entries.count }

    package func stamp(of key: RowKey) -> UInt64 { stamps[Self.slot(of: key)] ?? 0 }

    /// Few enough slots that sessions long gone cost nothing, so many that strangers seldom meet.
    package static func slot(of key: RowKey) -> UInt16 {
        UInt16(truncatingIfNeeded: key.words.3)
    }

    /// - Parameter milliseconds: now, by the clock that leases run by.
    package mutating func perform(_ command: StoreCommand, milliseconds: Int64) -> StoreReply {
        switch command {
        case .create(let row, let replaced):
            return create(row, replacing: replaced)
        case .read(let key, let now):
            guard let entry = live(key, now) else { return .gone }
            return .row(entry.row, stamp: stamp(of: key))
        case .touch(let key, let idleExpiry):
            guard var entry = entries[key] else { return .gone }
            entry.row.idleExpiry = max(entry.row.idleExpiry, idleExpiry)
            entries[key] = entry
            return .done
        case .beginRefresh(let key, let generation, let owner, let lease, let limit, let now):
            return begin(
                key, generation, owner, ends: milliseconds &+ lease, limit, now, milliseconds)
        case .commitRefresh(let key, let epoch, let sealed, let absoluteExpiry):
            return withLease(key, epoch) { table, entry in
                entry.commit(sealed, absoluteExpiry)
                table.entries[key] = entry
                table.move(key)
            }
        case .abandonRefresh(let key, let epoch, let wasPresented):
            return withLease(key, epoch) { table, entry in
                entry.abandon(wasPresented)
                table.entries[key] = entry
            }
        case .refuseRefresh(let key, let epoch):
            return withLease(key, epoch) { table, _ in _ = table.delete(key) }
        case .end(let key):
            guard let entry = delete(key) else { return .gone }
            return .ended(entry.row)
        case .spend(let state, let expiry):
            guard spent[state] == nil else { return .spent }
            spent[state] = expiry
            return .done
        case .keep(let key, let sealed, let expiry):
            kept[key] = Kept(sealed: sealed, expiry: expiry, since: milliseconds)
            return .done
        case .readKept(let key):
            guard let document = kept[key] else { return .gone }
            return .kept(document.sealed, age: milliseconds &- document.since)
        case .sweep(let now, let limit):
            return sweep(now, limit)
        }
    }

    private mutating func create(_ row: SessionRow, replacing replaced: RowKey?) -> StoreReply {
        guard entries[row.key] == nil else { return .conflict }
        if let replaced { _ = delete(replaced) }
        entries[row.key] = Entry(row: row)
        return .done
    }

    private mutating func begin(
        _ key: RowKey, _ generation: UInt64, _ owner: UInt64, ends: Int64, _ limit: Int,
        _ now: Int64, _ milliseconds: Int64
    ) -> StoreReply {
        guard var entry = live(key, now) else { return .gone }
        guard entry.row.generation == generation else {
            return .newer(entry.row, stamp: stamp(of: key))
        }
        if let lease = entry.lease, lease.owner != owner, lease.end > milliseconds {
            return .leased(remaining: lease.end &- milliseconds)
        }
        guard entry.presentations < limit else { return .exhausted }
        entry.epoch &+= 1
        entry.presentations &+= 1
        entry.lease = Entry.Holder(owner: owner, end: ends)
        entries[key] = entry
        let lease = Lease(epoch: entry.epoch, presentation: entry.presentations)
        return .granted(lease, entry.row, stamp: stamp(of: key))
    }

    /// Runs the body only for the holder of the lease of that epoch: a lease that was taken over
    /// must not write, however late its owner wakes up.
    private mutating func withLease(
        _ key: RowKey, _ epoch: UInt64, _ body: (inout MemoryTable, inout Entry) -> Void
    ) -> StoreReply {
        guard var entry = entries[key] else { return .gone }
        guard entry.lease != nil, entry.epoch == epoch else { return .superseded }
        body(&self, &entry)
        return .done
    }

    /// Oldest first, so that every run of a simulation deletes the same rows.
    private mutating func sweep(_ now: Int64, _ limit: Int) -> StoreReply {
        let rows = entries.values.filter { $0.expiry <= now }
            .map { (key: $0.row.key, expiry: $0.expiry) }
            .sorted { ($0.expiry, $0.key.words.0) < ($1.expiry, $1.key.words.0) }
            .prefix(max(0, limit))
        for row in rows { _ = delete(row.key) }
        let states = spent.filter { $0.value <= now }
            .sorted { ($0.value, $0.key.words.0) < ($1.value, $1.key.words.0) }
            .prefix(max(0, limit &- rows.count))
        for state in states { spent[state.key] = nil }
        let documents = kept.filter { $0.value.expiry <= now }
            .sorted { ($0.value.expiry, $0.key.words.0) < ($1.value.expiry, $1.key.words.0) }
            .prefix(max(0, limit &- rows.count &- states.count))
        for document in documents { kept[document.key] = nil }
        return .swept(rows.count &+ states.count &+ documents.count)
    }

    private func live(_ key: RowKey, _ now: Int64) -> Entry? {
        guard let entry = entries[key], entry.expiry > now else { return nil }
        return entry
    }

    private mutating func delete(_ key: RowKey) -> Entry? {
        guard let entry = entries.removeValue(forKey: key) else { return nil }
        move(key)
        return entry
    }

    /// By two: nobody can look while a command is half done, so a stamp is never odd here.
    private mutating func move(_ key: RowKey) { stamps[Self.slot(of: key), default: 0] &+= 2 }
}

/// A document of the engine's own.
private struct Kept: Hashable, Sendable {
    var sealed: [UInt8]
    var expiry: Int64
    /// By the clock that leases run by.
    var since: Int64
}

/// A row, and who may refresh it.
private struct Entry: Hashable, Sendable {
    struct Holder: Hashable, Sendable {
        var owner: UInt64
        var end: Int64
    }

    var row: SessionRow
    /// Of the latest lease; never goes back while the row lives.
    var epoch: UInt64 = 0
    var lease: Holder?
    /// How often the present refresh token has been shown to the provider, outcome unknown.
    var presentations = 0

    init(row: SessionRow) { self.row = row }

    var expiry: Int64 { min(row.idleExpiry, row.absoluteExpiry) }

    mutating func commit(_ sealed: [UInt8], _ absoluteExpiry: Int64) {
        row.sealed = sealed
        row.absoluteExpiry = absoluteExpiry
        row.generation &+= 1
        lease = nil
        presentations = 0
    }

    mutating func abandon(_ wasPresented: Bool) {
        lease = nil
        if !wasPresented { presentations = max(0, presentations &- 1) }
    }
}
