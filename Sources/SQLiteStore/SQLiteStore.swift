package import Encodings
package import Sessions

/// Sessions in a SQLite file that the processes of one machine share.
///
/// Made, used and dropped on one thread; ``board`` may be asked from any.  After a failure that is
/// `.unusable` the operator must act; whether that has helped, a new store tells.
package final class SQLiteStore: SessionStore {
    package let board: StampPage

    private let transactions: Transactions
    private let sessions: SessionTable
    private let spent: SpentTable
    private let kept: KeptTable
    private let clock: LeaseClock

    /// Opens the database, and makes it where there is no file or an empty one.
    ///
    /// - Throws: `.unusable`, with the path and what is wrong, where the file is damaged, may not
    ///   be written or is not ours; it is then as it was.
    package convenience init(path: ByteString) throws(StoreFailure) {
        try self.init(path: path, clock: .system())
    }

    package init(path: ByteString, clock: LeaseClock) throws(StoreFailure) {
        // SQLite gives some names a meaning of their own; a NUL would cut the path short.
        guard path.hasPrefix("/") || path.hasPrefix("./"), !path.bytes.contains(0),
            ByteString(path.string) == path
        else { throw StoreFailure(.unusable, detail: path + ": is not an absolute path in UTF-8") }
        try Layout.makeFile(path)
        let connection = try Connection(path: path)
        try Layout.recognise(connection)
        try connection.execute(
            """
            PRAGMA trusted_schema = OFF;
            PRAGMA cell_size_check = ON;
            PRAGMA secure_delete = ON;
            PRAGMA temp_store = MEMORY;
            PRAGMA journal_size_limit = 16777216;
            """)
        try Layout.establish(connection)
        try Layout.useWriteAheadLog(connection)
        try Layout.examine(connection)
        board = try Layout.openBoard(connection)
        sessions = try SessionTable(connection)
        spent = try SpentTable(connection)
        kept = try KeptTable(connection)
        transactions = try Transactions(connection, board)
        self.clock = clock
    }

    /// Blocks on disk, and up to five seconds for another process's lock.
    package func perform(_ command: StoreCommand) throws(StoreFailure) -> StoreReply {
        switch command {
        case .create(let row, let replaced):
            return try create(row, replacing: replaced)
        case .read(let key, let now):
            let stamp = board.stamp(of: key)
            guard let session = try sessions.find(key), session.isLive(at: now) else {
                return .gone
            }
            return .row(session.row, stamp: stamp)
        case .touch(let key, let idleExpiry):
            return try touch(key, idleExpiry)
        case .beginRefresh(let key, let generation, let owner, let lease, let limit, let now):
            return try begin(key, generation, owner, lease, limit, now)
        case .commitRefresh(let key, let epoch, let sealed, let absoluteExpiry):
            return try withLease(key, epoch) { session, change throws(StoreFailure) in
                change.announce(key)
                try sessions.replace(
                    key, generation: session.row.generation &+ 1, sealed: sealed,
                    absoluteExpiry: absoluteExpiry)
            }
        case .abandonRefresh(let key, let epoch, let wasPresented):
            return try withLease(key, epoch) { session, _ throws(StoreFailure) in
                let presentations = session.presentations &- (wasPresented ? 0 : 1)
                try sessions.release(key, presentations: max(0, presentations))
            }
        case .refuseRefresh(let key, let epoch):
            return try withLease(key, epoch) { _, change throws(StoreFailure) in
                change.announce(key)
                try sessions.delete(key)
            }
        case .end(let key):
            return try end(key)
        case .spend(let state, let expiry):
            return try transactions.write(.durable) { _ throws(StoreFailure) in
                try spent.insert(state, expiry)
                return transactions.changes == 1 ? .done : .spent
            }
        case .keep(let key, let sealed, let expiry):
            return try transactions.write(.quick) { _ throws(StoreFailure) in
                try kept.replace(
                    key, sealed, expiry, since: clock.milliseconds(), boot: clock.boot)
                return .done
            }
        case .readKept(let key):
            guard let document = try kept.find(key) else { return .gone }
            let isThisBoot = document.boot == clock.boot
            return .kept(
                document.sealed, age: isThisBoot ? clock.milliseconds() &- document.since : nil)
        case .sweep(let now, let limit):
            return try sweep(now, limit)
        }
    }
}

extension SQLiteStore {
    private func create(
        _ row: SessionRow, replacing replaced: RowKey?
    ) throws(StoreFailure) -> StoreReply {
        try transactions.write(.durable) { change throws(StoreFailure) in
            guard try sessions.find(row.key) == nil else { return .conflict }
            if let replaced {
                change.announce(replaced)
                try sessions.delete(replaced)
            }
            // No one can remember a row that is not there yet: its stamp stays.
            try sessions.insert(row)
            return .done
        }
    }

    private func touch(_ key: RowKey, _ idleExpiry: Int64) throws(StoreFailure) -> StoreReply {
        try transactions.write(.quick) { _ throws(StoreFailure) in
            try sessions.raiseIdleExpiry(key, to: idleExpiry)
            return transactions.changes == 1 ? .done : .gone
        }
    }

    private func begin(
        _ key: RowKey, _ generation: UInt64, _ owner: UInt64, _ leaseMilliseconds: Int64,
        _ limit: Int, _ now: Int64
    ) throws(StoreFailure) -> StoreReply {
        try transactions.write(.durable) { _ throws(StoreFailure) in
            // Under the write lock and after the repair: the stamp and the row belong together.
            let stamp = board.stamp(of: key)
            guard let session = try sessions.find(key), session.isLive(at: now) else {
                return .gone
            }
            guard session.row.generation == generation else {
                return .newer(session.row, stamp: stamp)
            }
            let milliseconds = clock.milliseconds()
            if let holder = session.holder, holder.owner != owner, holder.boot == clock.boot,
                holder.end > milliseconds
            {
                return .leased(remaining: holder.end &- milliseconds)
            }
            guard session.presentations < limit else { return .exhausted }
            let lease = Lease(
                epoch: session.epoch &+ 1, presentation: session.presentations &+ 1)
            let holder = LeaseHolder(
                owner: owner, end: milliseconds &+ leaseMilliseconds, boot: clock.boot)
            try sessions.lend(key, lease, holder)
            return .granted(lease, session.row, stamp: stamp)
        }
    }

    /// Runs the body only for the holder of the lease of that epoch: a lease that was taken over
    /// must not write, however late its owner wakes up.
    private func withLease(
        _ key: RowKey, _ epoch: UInt64,
        _ body: (StoredSession, inout Change) throws(StoreFailure) -> Void
    ) throws(StoreFailure) -> StoreReply {
        try transactions.write(.durable) { change throws(StoreFailure) in
            guard let session = try sessions.find(key) else { return .gone }
            guard session.holder != nil, session.epoch == epoch else { return .superseded }
            try body(session, &change)
            return .done
        }
    }

    private func end(_ key: RowKey) throws(StoreFailure) -> StoreReply {
        try transactions.write(.durable) { change throws(StoreFailure) in
            guard let session = try sessions.find(key) else { return .gone }
            change.announce(key)
            try sessions.delete(key)
            return .ended(session.row)
        }
    }

    private func sweep(_ now: Int64, _ limit: Int) throws(StoreFailure) -> StoreReply {
        try transactions.write(.quick) { change throws(StoreFailure) in
            let keys = try sessions.expired(at: now, limit: max(0, limit))
            change.announce(keys)
            for key in keys { try sessions.delete(key) }
            var count = keys.count
            try spent.deleteExpired(at: now, limit: max(0, limit &- count))
            count += transactions.changes
            try kept.deleteExpired(at: now, limit: max(0, limit &- count))
            return .swept(count &+ transactions.changes)
        }
    }
}
