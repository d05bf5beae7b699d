import Encodings
import Sessions

/// The statements on the `spent` table: states of login attempts that have been used.
struct SpentTable {
    private let insertion: Statement
    private let deletion: Statement

    init(_ connection: Connection) throws(StoreFailure) {
        insertion = try connection.prepare(
            "INSERT INTO spent (state, expiry) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        deletion = try connection.prepare(
            """
            DELETE FROM spent WHERE state IN
                (SELECT state FROM spent WHERE expiry <= ?1 ORDER BY expiry LIMIT ?2)
            """)
    }

    /// Changes no row where the state is there already.
    func insert(_ state: RowKey, _ expiry: Int64) throws(StoreFailure) {
        try insertion.run(.bytes(state.bytes), .integer(expiry))
    }

    func deleteExpired(at now: Int64, limit: Int) throws(StoreFailure) {
        try deletion.run(.integer(now), .integer(Int64(limit)))
    }
}
