import CSQLite

/// Another process's lock on a store: nobody else writes while it is held.
final class StoreLock {
    private let handle: OpaquePointer
    struct Failed: Error { let code: Int32 }

    init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE, nil)
        guard code == SQLITE_OK, let opened else { throw Failed(code: code) }
        handle = opened
        sqlite3_busy_timeout(opened, 5_000)
        let begun = sqlite3_exec(opened, "BEGIN IMMEDIATE", nil, nil, nil)
        guard begun == SQLITE_OK else { throw Failed(code: begun) }
    }

    func release() { sqlite3_exec(handle, "ROLLBACK", nil, nil, nil) }

    deinit { sqlite3_close_v2(handle) }
}
