import CSQLite
import Encodings
import Glibc
import Sessions

/// The tables of a session database, and how we know one of ours.
enum Layout {
    /// "Cloa", in the file's header: what has another is another program's.
    private static let application: UInt32 = 0x436C_6F61
    /// Of the tables below.
    private static let version: UInt32 = 1

    /// Makes an empty file where there is none; readable and writable for us alone.
    ///
    /// A file that exists is not even opened: to close it again would take away the locks that
    /// another connection of this process may hold on it.
    static func makeFile(_ path: ByteString) throws(StoreFailure) {
        // SAFETY: the text ends in NUL and outlives the call.
        let descriptor = unsafe open(path.string, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if errno != EEXIST {
            // SAFETY: strerror returns text that ends in NUL.
            let cause = unsafe String(cString: strerror(errno))
            throw StoreFailure(.unusable, detail: "\(path): cannot be created: \(cause)")
        }
    }

    /// Refuses, before SQLite touches it, a file that is neither empty nor ours.
    static func recognise(_ connection: Connection) throws(StoreFailure) {
        let path = connection.path
        let header = try connection.header()
        if !header.isEmpty {
            guard header.count == 100, header.starts(with: "SQLite format 3\0".utf8) else {
                throw StoreFailure(
                    .unusable, detail: path + ": is no database, and is left as it is")
            }
            try judge(application: number(header, at: 68), version: number(header, at: 60), path)
        }
        if connection.isReadOnly {
            throw StoreFailure(.unusable, detail: path + ": may not be written")
        }
    }

    /// Makes the tables in an empty database; finds them in one of ours.
    ///
    /// Before the journal becomes a write-ahead log, so that the file's header tells from its
    /// first byte on whose it is.
    static func establish(_ connection: Connection) throws(StoreFailure) {
        try connection.execute("BEGIN IMMEDIATE")
        do {
            let tables = try integer(connection, "SELECT count(*) FROM sqlite_schema")
            if tables == 0 {
                try connection.execute(sql)
                try connection.execute(additions)
            } else {
                let application = try integer(connection, "PRAGMA application_id")
                let version = try integer(connection, "PRAGMA user_version")
                try judge(
                    application: UInt32(truncatingIfNeeded: application),
                    version: UInt32(truncatingIfNeeded: version), connection.path)
                try connection.execute(additions)
            }
            try connection.execute("COMMIT")
        } catch {
            if !connection.isIdle { try? connection.execute("ROLLBACK") }
            throw error
        }
    }

    /// Finds damage at the start, not in the middle of the night.  Large files are not read
    /// through: damage there is found by whoever meets it.
    static func examine(_ connection: Connection) throws(StoreFailure) {
        let pages = try integer(connection, "PRAGMA page_count")
        guard pages <= 16_384 else { return }
        let answer = try connection.prepare("PRAGMA quick_check(1)").first()?.first?.bytes
        guard answer == Array("ok".utf8) else {
            throw StoreFailure(.unusable, detail: connection.path + ": the database is damaged")
        }
    }

    /// Needs the file for itself for a moment, and does not wait for it by `busy_timeout`.
    static func useWriteAheadLog(_ connection: Connection) throws(StoreFailure) {
        for _ in 0..<200 {
            do throws(StoreFailure) {
                let mode = try connection.prepare("PRAGMA journal_mode = WAL").first()?.first?.bytes
                if mode == Array("wal".utf8) { return }
                throw StoreFailure(
                    .unusable, detail: connection.path + ": cannot use a write-ahead log here")
            } catch {
                guard error.kind == .unavailable else { throw error }
                usleep(10_000)
            }
        }
        throw connection.failure(SQLITE_BUSY)
    }

    static func openBoard(_ connection: Connection) throws(StoreFailure) -> StampPage {
        try connection.execute("BEGIN IMMEDIATE")
        defer { try? connection.execute("ROLLBACK") }
        let id = try connection.prepare("SELECT id FROM board").first()?.first?.bytes
        guard let identity = id.flatMap(StampIdentity.init) else {
            throw connection.failure(SQLITE_CORRUPT)
        }
        return try StampFile.open(connection.path + "-stamps", of: identity)
    }

    private static func judge(
        application: UInt32, version: UInt32, _ path: ByteString
    ) throws(StoreFailure) {
        guard application == self.application else {
            throw StoreFailure(
                .unusable,
                detail: path + ": is a database of another program, and is left as it is")
        }
        guard version == self.version else {
            throw StoreFailure(
                .unusable,
                detail: "\(path): has layout \(version), this version knows only \(self.version)")
        }
    }

    private static func integer(
        _ connection: Connection, _ sql: StaticString
    ) throws(StoreFailure) -> Int64 {
        guard let value = try connection.prepare(sql).first()?.first?.integer else {
            throw connection.failure(SQLITE_CORRUPT)
        }
        return value
    }

    private static func number(_ header: [UInt8], at start: Int) -> UInt32 {
        header[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// `lease_end` is in milliseconds of the boot that `lease_boot` names; no owner, no lease.
    /// `board` names the database to the stamp file.
    private static let sql: StaticString = """
        CREATE TABLE session (
            row_key BLOB NOT NULL PRIMARY KEY CHECK (length(row_key) = 32),
            generation INTEGER NOT NULL,
            idle_expiry INTEGER NOT NULL,
            absolute_expiry INTEGER NOT NULL,
            lease_epoch INTEGER NOT NULL DEFAULT 0,
            lease_owner INTEGER,
            lease_end INTEGER NOT NULL DEFAULT 0,
            lease_boot BLOB NOT NULL DEFAULT x'',
            presentations INTEGER NOT NULL DEFAULT 0,
            subject_hash BLOB NOT NULL,
            provider_session_hash BLOB NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX session_expiry ON session (min(idle_expiry, absolute_expiry));
        CREATE TABLE spent (
            state BLOB NOT NULL PRIMARY KEY CHECK (length(state) = 32),
            expiry INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX spent_expiry ON spent (expiry);
        CREATE TABLE board (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            id BLOB NOT NULL CHECK (length(id) = 16)
        ) STRICT;
        INSERT INTO board VALUES (1, randomblob(16));
        PRAGMA application_id = 0x436C6F61;
        PRAGMA user_version = 1;
        """

    /// Tables that came later: who knows nothing of them can still use the others, so the version
    /// stays.  `since` is in milliseconds of the boot that `boot` names.
    private static let additions: StaticString = """
        CREATE TABLE IF NOT EXISTS kept (
            name BLOB NOT NULL PRIMARY KEY CHECK (length(name) = 32),
            expiry INTEGER NOT NULL,
            since INTEGER NOT NULL,
            boot BLOB NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;
        """
}
