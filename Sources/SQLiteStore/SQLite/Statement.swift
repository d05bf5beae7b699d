import CSQLite
import Sessions

/// A prepared statement that is run again and again.  Corresponds to `sqlite3_stmt *`.
///
/// Values are always bound, never made part of the SQL text.
@safe final class Statement {
    private let handle: OpaquePointer
    /// Stays open as long as its statements live.
    private let connection: Connection

    init(owning handle: OpaquePointer, of connection: Connection) {
        unsafe self.handle = handle
        self.connection = connection
    }

    deinit {
        // SAFETY: the handle is ours alone.
        unsafe sqlite3_finalize(handle)
    }

    /// Runs to the end.
    func run(_ values: Value...) throws(StoreFailure) { _ = try rows(values, limit: .max) }

    /// The first row.
    func first(_ values: Value...) throws(StoreFailure) -> [Value]? {
        try rows(values, limit: 1).first
    }

    func all(_ values: Value...) throws(StoreFailure) -> [[Value]] {
        try rows(values, limit: .max)
    }

    /// Leaves the statement reset, so that it holds no lock, and without the values.
    private func rows(_ values: [Value], limit: Int) throws(StoreFailure) -> [[Value]] {
        defer {
            unsafe sqlite3_reset(handle)
            unsafe sqlite3_clear_bindings(handle)
        }
        for (index, value) in values.enumerated() {
            try check(bind(value, at: Int32(index) &+ 1))
        }
        var rows: [[Value]] = []
        while rows.count < limit {
            let code = unsafe sqlite3_step(handle)
            if code == SQLITE_DONE { break }
            guard code == SQLITE_ROW else { throw connection.failure(code) }
            rows.append((0..<(unsafe sqlite3_column_count(handle))).map(column))
        }
        return rows
    }

    private func bind(_ value: Value, at index: Int32) -> Int32 {
        switch value {
        case .null: return unsafe sqlite3_bind_null(handle, index)
        case .integer(let integer): return unsafe sqlite3_bind_int64(handle, index, integer)
        case .bytes(let bytes) where bytes.isEmpty:
            return unsafe sqlite3_bind_zeroblob(handle, index, 0)
        case .bytes(let bytes):
            // SAFETY: -1 is SQLITE_TRANSIENT: SQLite copies the bytes before the call returns.
            let copied = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            return unsafe bytes.withUnsafeBytes {
                unsafe sqlite3_bind_blob64(
                    handle, index, $0.baseAddress, sqlite3_uint64($0.count), copied)
            }
        }
    }

    private func column(_ index: Int32) -> Value {
        switch unsafe sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, index))
        case SQLITE_NULL: return .null
        default:
            let start = unsafe sqlite3_column_blob(handle, index)
            let count = Int(unsafe sqlite3_column_bytes(handle, index))
            // SAFETY: SQLite gives a start and a size, valid until the next step; we copy.
            return .bytes(unsafe Array(UnsafeRawBufferPointer(start: start, count: count)))
        }
    }

    private func check(_ code: Int32) throws(StoreFailure) {
        guard code == SQLITE_OK else { throw connection.failure(code) }
    }
}

/// A value in a row or for a statement.
enum Value: Hashable {
    case null
    case integer(Int64)
    /// Of a blob or a text.
    case bytes([UInt8])

    var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
}
