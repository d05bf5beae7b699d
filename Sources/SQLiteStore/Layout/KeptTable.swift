import CSQLite
import Encodings
import Sessions

/// The statements on the `kept` table: documents of the engine's own, a handful of them.
struct KeptTable {
    struct Document {
        var sealed: [UInt8]
        /// Milliseconds of the ``LeaseClock`` of `boot`.
        var since: Int64
        var boot: [UInt8]
    }

    private let path: ByteString
    private let selection: Statement
    private let replacement: Statement
    private let deletion: Statement

    init(_ connection: Connection) throws(StoreFailure) {
        path = connection.path
        selection = try connection.prepare("SELECT sealed, since, boot FROM kept WHERE name = ?1")
        replacement = try connection.prepare(
            """
            INSERT INTO kept (name, sealed, expiry, since, boot) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (name) DO UPDATE SET sealed = ?2, expiry = ?3, since = ?4, boot = ?5
            """)
        deletion = try connection.prepare(
            """
            DELETE FROM kept WHERE name IN
                (SELECT name FROM kept WHERE expiry <= ?1 ORDER BY expiry LIMIT ?2)
            """)
    }

    func find(_ key: RowKey) throws(StoreFailure) -> Document? {
        guard let columns = try selection.first(.bytes(key.bytes)) else { return nil }
        guard columns.count == 3, let sealed = columns[0].bytes, let since = columns[1].integer,
            let boot = columns[2].bytes
        else {
            throw StoreFailure(.unusable, detail: path + ": a row holds what we never write")
        }
        return Document(sealed: sealed, since: since, boot: boot)
    }

    func replace(
        _ key: RowKey, _ sealed: [UInt8], _ expiry: Int64, since: Int64, boot: [UInt8]
    ) throws(StoreFailure) {
        try replacement.run(
            .bytes(key.bytes), .bytes(sealed), .integer(expiry), .integer(since), .bytes(boot))
    }

    func deleteExpired(at now: Int64, limit: Int) throws(StoreFailure) {
        try deletion.run(.integer(now), .integer(Int64(limit)))
    }
}
