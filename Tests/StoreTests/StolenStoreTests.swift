import Cryptography
import Encodings
import Foundation
import SQLiteStore
import Sessions
import Testing

@Suite("The files of a store are worthless to a thief")
struct StolenStoreTests {
    private static let ring = KeyRing(
        current: KeyRing.Key(
            id: "k1", secret: Secret(Array("ring-key-canary-of-32-bytes-text".utf8))))

    private static let contents = SessionContents(
        issuer: "https://issuer-canary.example", clientID: "client-canary",
        provider: "provider-canary", subject: "subject-canary", authTime: nil,
        idClaims: JSONObject(["email": "claim-canary"]), accessToken: Secret("access-canary"),
        obtainedAt: 1, accessExpiry: 1, scope: "scope-canary",
        refreshToken: Secret("refresh-canary"), idToken: Secret("id-token-canary"), createdAt: 1, absoluteExpiry: 5_000, isUnverified: false)

    private func row(
        _ ticket: SessionTicket, generation: UInt64 = 1
    ) throws -> SessionRow {
        let sealed = SessionSeal.seal(
            Self.contents, ticket: ticket, generation: generation, ring: Self.ring,
            random: SystemRandom())
        return SessionRow(
            key: ticket.rowKey, generation: generation, sealed: try #require(sealed),
            idleExpiry: 1_000, absoluteExpiry: 5_000,
            subjectHash: IndexHash.subject(
                issuer: Self.contents.issuer, subject: Self.contents.subject, Self.ring.current),
            providerSessionHash: IndexHash.providerSession(
                issuer: Self.contents.issuer, sessionID: "sid-canary", Self.ring.current))
    }

    private func open(_ row: SessionRow, _ ticket: SessionTicket) -> SessionContents? {
        SessionSeal.open(
            row.sealed, ticket: ticket, generation: row.generation, ring: Self.ring)
    }

    @Test("COK-09 COK-17 No secret of a session is in any of the store's files")
    func canary() throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteStore(path: directory.file("sessions.db"))
        let ticket = try #require(SessionTicket.make(SystemRandom()))
        let row = try row(ticket)
        _ = try store.perform(.create(row, replacing: nil))
        let attempt = try #require(
            LoginAttempt.make(
                provider: "main", returnTo: "/canary", startedAt: 1, random: SystemRandom()))
        _ = try store.perform(.spend(state: try #require(attempt.stateKey), expiry: 1_000))
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(names).isSuperset(of: ["sessions.db", "sessions.db-wal", "sessions.db-stamps"]))
        let files = try names.map { Data(try directory.contents($0)) }
        #expect(files.contains { $0.range(of: Data(row.key.bytes)) != nil }, "the search works")
        let raw = try #require(Base64URL.decode(ticket.cookieValue))
        let state = try #require(Base64URL.decode(attempt.state))
        let browserKey = try #require(ticket.browserKey)
        let secrets = [
            Array("canary".utf8), ticket.cookieValue.bytes, raw, browserKey, attempt.state.bytes,
            state,
        ]
        for secret in secrets {
            #expect(!files.contains { $0.range(of: Data(secret)) != nil })
        }
    }

    @Test("COK-17 Contents swapped between two rows open for neither")
    func swapped() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sessions.db")
        let tickets = try (0..<2).map { _ in try #require(SessionTicket.make(SystemRandom())) }
        let rows = try tickets.map { try row($0) }
        let store = try SQLiteStore(path: path)
        for row in rows { _ = try store.perform(.create(row, replacing: nil)) }
        #expect(open(rows[0], tickets[0]) == Self.contents)
        let swap = try Command.run(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys
                db = sqlite3.connect(sys.argv[1])
                (a, x), (b, y) = db.execute("select row_key, sealed from session").fetchall()
                db.execute("update session set sealed = ? where row_key = ?", (y, a))
                db.execute("update session set sealed = ? where row_key = ?", (x, b))
                db.commit()
                """, path.string,
            ])
        #expect(swap == 0)
        for (row, ticket) in zip(rows, tickets) {
            guard case .row(let found, _) = try store.perform(.read(row.key, now: 1)) else {
                Issue.record("a row is gone")
                return
            }
            #expect(found.sealed != row.sealed)
            #expect(open(found, ticket) == nil)
        }
    }

    @Test("A row set back to an earlier generation opens only as that generation")
    func setBack() throws {
        let ticket = try #require(SessionTicket.make(SystemRandom()))
        var old = try row(ticket)
        #expect(open(old, ticket) != nil)
        old.generation = 2
        #expect(open(old, ticket) == nil)
    }

    @Test("A deleted session's contents are wiped from the database")
    func wiped() throws {
        let directory = try TemporaryDirectory()
        let marker = Array("sealed-marker-that-must-go".utf8)
        do {
            let store = try SQLiteStore(path: directory.file("sessions.db"))
            let row = session(1, sealed: marker + [UInt8](repeating: 1, count: 9_000) + marker)
            _ = try store.perform(.create(row, replacing: nil))
            _ = try store.perform(.end(row.key))
        }
        let file = Data(try directory.contents("sessions.db"))
        #expect(file.range(of: Data(marker)) == nil)
    }
}
