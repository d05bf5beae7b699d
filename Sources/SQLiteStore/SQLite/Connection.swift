import CSQLite
import Encodings
import Glibc
import Sessions

/// One open database file.  Corresponds to `sqlite3 *`; used from one thread only.
@safe final class Connection {
    let path: ByteString
    private let handle: OpaquePointer

    /// Opens a file that exists, for writing, and changes nothing in it.
    init(path: ByteString) throws(StoreFailure) {
        self.path = path
        var opened: OpaquePointer?
        // No URI names, so that no path can carry options; no mutex: one thread.
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        // SAFETY: the path ends in NUL and outlives the call; a handle may come even with an error.
        let code = unsafe sqlite3_open_v2(path.string, &opened, flags, nil)
        guard let opened = unsafe opened else {
            throw StoreFailure(.unavailable, detail: path + ": out of memory")
        }
        guard code == SQLITE_OK else {
            let failure = unsafe Self.failure(path, opened, code)
            unsafe sqlite3_close_v2(opened)
            throw failure
        }
        unsafe handle = opened
        unsafe sqlite3_busy_timeout(opened, 5_000)
    }

    deinit {
        // SAFETY: the handle is ours alone, and every statement, which holds us, is gone.
        unsafe sqlite3_close_v2(handle)
    }

    /// SQLite quietly opens a file for reading that it may not write.
    var isReadOnly: Bool { unsafe sqlite3_db_readonly(handle, "main") != 0 }

    /// Whether no transaction is open.
    var isIdle: Bool { unsafe sqlite3_get_autocommit(handle) != 0 }

    /// Rows that the latest statement inserted, changed or deleted.
    var changes: Int { Int(unsafe sqlite3_changes64(handle)) }

    /// Whether the path leads to another file by now, or to none: what is written here is lost.
    var hasMoved: Bool {
        var moved: Int32 = 0
        // SAFETY: this request writes one int.
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
        return code == SQLITE_OK && moved != 0
    }

    /// The first 100 bytes of the file, fewer where it is shorter, read without any lock and
    /// without recovering or changing anything: the file may be another program's.
    func header() throws(StoreFailure) -> [UInt8] {
        var file: UnsafeMutablePointer<sqlite3_file>?
        // SAFETY: this request writes one pointer, valid as long as the connection.
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard code == SQLITE_OK, let file = unsafe file,
            let methods = unsafe file.pointee.pMethods?.pointee,
            let size = unsafe methods.xFileSize, let read = unsafe methods.xRead
        else { throw failure(SQLITE_CANTOPEN) }
        var length: sqlite3_int64 = 0
        guard unsafe size(file, &length) == SQLITE_OK else { throw failure(SQLITE_IOERR) }
        var bytes = [UInt8](repeating: 0, count: Int(max(0, min(length, 100))))
        if bytes.isEmpty { return [] }
        let count = Int32(bytes.count)
        // SAFETY: writes at most `count` bytes, the size of the array.
        let result = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, count, 0)
        }
        guard result == SQLITE_OK else { throw failure(result) }
        return bytes
    }

    /// Runs statements that take no values and whose rows do not matter.
    func execute(_ sql: StaticString) throws(StoreFailure) {
        // SAFETY: a static string ends in NUL.
        let code = unsafe sqlite3_exec(handle, "\(sql)", nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    func prepare(_ sql: StaticString) throws(StoreFailure) -> Statement {
        var prepared: OpaquePointer?
        // SAFETY: a static string ends in NUL and lives for ever.
        let code = unsafe sqlite3_prepare_v3(
            handle, "\(sql)", -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
        guard code == SQLITE_OK, let prepared = unsafe prepared else { throw failure(code) }
        return unsafe Statement(owning: prepared, of: self)
    }

    func failure(_ code: Int32) -> StoreFailure { unsafe Self.failure(path, handle, code) }

    /// SQLite's messages name tables and columns, never values.
    private static func failure(
        _ path: ByteString, _ handle: OpaquePointer?, _ code: Int32
    ) -> StoreFailure {
        let kind: StoreFailure.Kind =
            switch code & 0xFF {
            case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_NOMEM, SQLITE_INTERRUPT, SQLITE_PROTOCOL:
                .unavailable
            default: .unusable
            }
        // SAFETY: SQLite returns static text, for any code.
        let text = unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) } ?? "unknown error"
        let system = unsafe sqlite3_system_errno(handle)
        // SAFETY: as above.
        let cause = system == 0 ? "" : unsafe ": " + String(cString: strerror(system))
        return StoreFailure(kind, detail: "\(path): \(text) (SQLite error \(code))\(cause)")
    }
}
