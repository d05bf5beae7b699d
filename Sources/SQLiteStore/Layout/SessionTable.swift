import CSQLite
import Encodings
import Sessions

/// The statements on the `session` table.  Knows columns, not rules.
struct SessionTable {
    private let path: ByteString
    private let selection: Statement
    private let insertion: Statement
    private let raising: Statement
    private let lending: Statement
    private let replacement: Statement
    private let release: Statement
    private let deletion: Statement
    private let search: Statement

    init(_ connection: Connection) throws(StoreFailure) {
        path = connection.path
        selection = try connection.prepare(
            """
            SELECT generation, sealed, idle_expiry, absolute_expiry, subject_hash,
                provider_session_hash, lease_epoch, lease_owner, lease_end, lease_boot,
                presentations
            FROM session WHERE row_key = ?1
            """)
        insertion = try connection.prepare(
            """
            INSERT INTO session (row_key, generation, sealed, idle_expiry, absolute_expiry,
                subject_hash, provider_session_hash)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        raising = try connection.prepare(
            "UPDATE session SET idle_expiry = max(idle_expiry, ?2) WHERE row_key = ?1")
        lending = try connection.prepare(
            """
            UPDATE session SET lease_epoch = ?2, lease_owner = ?3, lease_end = ?4,
                lease_boot = ?5, presentations = ?6
            WHERE row_key = ?1
            """)
        replacement = try connection.prepare(
            """
            UPDATE session SET generation = ?2, sealed = ?3, absolute_expiry = ?4,
                lease_owner = NULL, presentations = 0
            WHERE row_key = ?1
            """)
        release = try connection.prepare(
            "UPDATE session SET lease_owner = NULL, presentations = ?2 WHERE row_key = ?1")
        deletion = try connection.prepare("DELETE FROM session WHERE row_key = ?1")
        search = try connection.prepare(
            """
            SELECT row_key FROM session WHERE min(idle_expiry, absolute_expiry) <= ?1
            ORDER BY min(idle_expiry, absolute_expiry) LIMIT ?2
            """)
    }

    func find(_ key: RowKey) throws(StoreFailure) -> StoredSession? {
        guard let columns = try selection.first(.bytes(key.bytes)) else { return nil }
        guard let session = StoredSession(key, columns) else {
            throw StoreFailure(.unusable, detail: path + ": a row holds what we never write")
        }
        return session
    }

    func insert(_ row: SessionRow) throws(StoreFailure) {
        try insertion.run(
            .bytes(row.key.bytes), .integer(Int64(bitPattern: row.generation)),
            .bytes(row.sealed), .integer(row.idleExpiry), .integer(row.absoluteExpiry),
            .bytes(row.subjectHash), .bytes(row.providerSessionHash))
    }

    func raiseIdleExpiry(_ key: RowKey, to idleExpiry: Int64) throws(StoreFailure) {
        try raising.run(.bytes(key.bytes), .integer(idleExpiry))
    }

    func lend(_ key: RowKey, _ lease: Lease, _ holder: LeaseHolder) throws(StoreFailure) {
        try lending.run(
            .bytes(key.bytes), .integer(Int64(bitPattern: lease.epoch)),
            .integer(Int64(bitPattern: holder.owner)), .integer(holder.end), .bytes(holder.boot),
            .integer(Int64(lease.presentation)))
    }

    /// New contents; neither lease nor intent.
    func replace(
        _ key: RowKey, generation: UInt64, sealed: [UInt8], absoluteExpiry: Int64
    ) throws(StoreFailure) {
        try replacement.run(
            .bytes(key.bytes), .integer(Int64(bitPattern: generation)), .bytes(sealed),
            .integer(absoluteExpiry))
    }

    func release(_ key: RowKey, presentations: Int) throws(StoreFailure) {
        try release.run(.bytes(key.bytes), .integer(Int64(presentations)))
    }

    func delete(_ key: RowKey) throws(StoreFailure) { try deletion.run(.bytes(key.bytes)) }

    /// Oldest first.
    func expired(at now: Int64, limit: Int) throws(StoreFailure) -> [RowKey] {
        try search.all(.integer(now), .integer(Int64(limit))).compactMap {
            $0.first?.bytes.flatMap(RowKey.init)
        }
    }
}

/// A row, and who may refresh it.
struct StoredSession {
    var row: SessionRow
    /// Of the latest lease; never goes back while the row lives.
    var epoch: UInt64
    var holder: LeaseHolder?
    /// How often the present refresh token has been shown to the provider, outcome unknown.
    var presentations: Int

    /// - Parameter columns: in the order of the selection.
    init?(_ key: RowKey, _ columns: [Value]) {
        guard columns.count == 11, let generation = columns[0].integer,
            let sealed = columns[1].bytes, let idleExpiry = columns[2].integer,
            let absoluteExpiry = columns[3].integer, let subjectHash = columns[4].bytes,
            let providerSessionHash = columns[5].bytes, let epoch = columns[6].integer,
            let end = columns[8].integer, let boot = columns[9].bytes,
            let presentations = columns[10].integer
        else { return nil }
        row = SessionRow(
            key: key, generation: UInt64(bitPattern: generation), sealed: sealed,
            idleExpiry: idleExpiry, absoluteExpiry: absoluteExpiry, subjectHash: subjectHash,
            providerSessionHash: providerSessionHash)
        self.epoch = UInt64(bitPattern: epoch)
        holder = columns[7].integer.map {
            LeaseHolder(owner: UInt64(bitPattern: $0), end: end, boot: boot)
        }
        self.presentations = Int(presentations)
    }

    func isLive(at now: Int64) -> Bool { min(row.idleExpiry, row.absoluteExpiry) > now }
}

struct LeaseHolder: Equatable {
    var owner: UInt64
    /// Milliseconds of the ``LeaseClock`` of `boot`.
    var end: Int64
    var boot: [UInt8]
}
