import Encodings
import Foundation
import SQLiteStore
import Sessions
import Testing

@Suite("A SQLite store says what is wrong with its file, and harms none")
struct DatabaseFileTests {
    private let directory: TemporaryDirectory
    private let path: ByteString

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("sessions.db")
    }

    /// What opening says; nil where it works.
    private func problem(_ path: ByteString? = nil) -> StoreFailure? {
        do {
            _ = try SQLiteStore(path: path ?? self.path)
            return nil
        } catch {
            return error
        }
    }

    private func python(_ script: String) throws {
        #expect(try Command.run("/usr/bin/python3", ["-c", script, path.string]) == 0)
    }

    @Test("A new database and its stamps are for their owner alone, and are found again")
    func create() throws {
        do {
            let store = try SQLiteStore(path: path)
            #expect(try store.perform(.create(session(1), replacing: nil)) == .done)
            for name in ["sessions.db", "sessions.db-wal", "sessions.db-stamps"] {
                let attributes = try FileManager.default.attributesOfItem(
                    atPath: directory.path + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
        }
        let again = try SQLiteStore(path: path)
        #expect(try again.perform(.end(session(1).key)) == .ended(session(1)))
    }

    @Test("An empty file is as good as none")
    func empty() throws {
        try directory.write([], to: "sessions.db")
        #expect(problem() == nil)
    }

    @Test(
        "A file that is no database is refused and left as it is",
        arguments: [
            Array("hello".utf8), Array(String(repeating: "hello", count: 5_000).utf8),
            [UInt8](repeating: 0, count: 8_192), Array("SQLite format 3\0".utf8),
        ])
    func noDatabase(_ contents: [UInt8]) throws {
        try directory.write(contents, to: "sessions.db")
        let failure = try #require(problem())
        #expect(failure.kind == .unusable)
        #expect(failure.detail.hasPrefix(path))
        #expect(failure.detail.string.contains("is no database"))
        #expect(try directory.contents("sessions.db") == contents)
    }

    @Test("Another program's database is refused and left as it is", arguments: ["delete", "wal"])
    func foreign(_ journal: String) throws {
        try python(
            """
            import sqlite3, sys, os
            db = sqlite3.connect(sys.argv[1])
            db.execute("pragma journal_mode = \(journal)")
            db.execute("create table session (row_key)")
            db.execute("insert into session values (1)")
            db.commit()
            os._exit(0)
            """)
        let files = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        let before = try files.map(directory.contents)
        let failure = try #require(problem())
        #expect(failure.kind == .unusable)
        #expect(failure.detail.string.contains("another program"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == files)
        #expect(try files.map(directory.contents) == before)
    }

    @Test("A database from before documents were kept gets their table, and keeps its sessions")
    func withoutDocuments() throws {
        do {
            let store = try SQLiteStore(path: path)
            _ = try store.perform(.create(session(1), replacing: nil))
        }
        try python(
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute("drop table kept")
            """)
        let store = try SQLiteStore(path: path)
        #expect(try store.perform(.keep(key(1), sealed: [1], expiry: .max)) == .done)
        guard case .row(let row, _) = try store.perform(.read(session(1).key, now: 100)) else {
            Issue.record("the session is gone")
            return
        }
        #expect(row == session(1))
    }

    @Test("A layout of another version is refused, not migrated")
    func version() throws {
        #expect(problem() == nil)
        try python(
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.execute("pragma user_version = 2")
            """)
        let before = try directory.contents("sessions.db")
        let failure = try #require(problem())
        #expect(failure.kind == .unusable)
        #expect(failure.detail.string.contains("layout 2"))
        #expect(try directory.contents("sessions.db") == before)
    }

    @Test("A table that is missing is reported, not made again")
    func missingTable() throws {
        #expect(problem() == nil)
        try python(
            """
            import sqlite3, sys
            sqlite3.connect(sys.argv[1]).execute("drop table spent")
            """)
        #expect(try #require(problem()).kind == .unusable)
    }

    @Test("A damaged database is reported when it is opened, and left as it is")
    func damaged() throws {
        do {
            let store = try SQLiteStore(path: path)
            for number in 1...50 {
                let row = session(UInt8(number), sealed: [UInt8](repeating: 7, count: 3_000))
                _ = try store.perform(.create(row, replacing: nil))
            }
        }
        var contents = try directory.contents("sessions.db")
        contents.replaceSubrange(12_288..<24_576, with: [UInt8](repeating: 0xAB, count: 12_288))
        try directory.write(contents, to: "sessions.db")
        let failure = try #require(problem())
        #expect(failure.kind == .unusable)
        #expect(failure.detail.hasPrefix(path))
        #expect(try directory.contents("sessions.db") == contents)
    }

    @Test("A database cut short is reported")
    func truncated() throws {
        do {
            let store = try SQLiteStore(path: path)
            for number in 1...50 {
                let row = session(UInt8(number), sealed: [UInt8](repeating: 7, count: 3_000))
                _ = try store.perform(.create(row, replacing: nil))
            }
        }
        let contents = try directory.contents("sessions.db")
        try directory.write(contents.prefix(20_000), to: "sessions.db")
        #expect(try #require(problem()).kind == .unusable)
    }

    @Test(
        "A path that SQLite would understand otherwise is refused",
        arguments: ["", ":memory:", "file:x?mode=memory", "sessions.db", "/tmp/a\0b"])
    func path(_ path: ByteString) throws {
        #expect(try #require(problem(path)).kind == .unusable)
    }

    @Test("A directory that is not there is named")
    func noDirectory() throws {
        let path = directory.file("none/sessions.db")
        let failure = try #require(problem(path))
        #expect(failure.kind == .unusable)
        #expect(failure.detail.hasPrefix(path))
        #expect(failure.detail.string.contains("No such file"))
    }

    @Test("Once the file was moved away nothing is written into the void")
    func moved() throws {
        let store = try SQLiteStore(path: path)
        _ = try store.perform(.create(session(1), replacing: nil))
        try FileManager.default.removeItem(atPath: path.string)
        let failure = #expect(throws: StoreFailure.self) {
            try store.perform(.create(session(2), replacing: nil))
        }
        #expect(failure?.kind == .unusable)
        #expect(failure?.detail.string.contains("moved") == true)
    }

    @Test("While another process writes, a store waits for it")
    func busy() throws {
        let store = try SQLiteStore(path: path)
        let other = try Command.start(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys, time
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute("begin immediate")
                print("ready", flush=True)
                time.sleep(0.3)
                db.execute("rollback")
                """, path.string,
            ])
        #expect(other.line() == "ready")
        #expect(try store.perform(.create(session(1), replacing: nil)) == .done)
        other.wait()
    }
}
