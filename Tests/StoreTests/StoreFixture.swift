import Encodings
import Foundation
import MemoryStore
import SQLiteStore
import Sessions
import Testing

/// A store of either kind with a lease clock that the test turns, and a directory of its own.
final class StoreFixture {
    enum Kind: CaseIterable, CustomTestStringConvertible {
        case memory, sqlite
        var testDescription: String { self == .memory ? "in memory" : "in SQLite" }
    }

    let directory: TemporaryDirectory
    let store: any SessionStore
    let board: any StampBoard
    /// Milliseconds.
    var leaseTime: Int64 {
        get { time.now }
        set { time.now = newValue }
    }

    private final class Time { var now: Int64 = 1_000_000 }
    private let time = Time()

    init(_ kind: Kind) throws {
        directory = try TemporaryDirectory()
        let time = time
        switch kind {
        case .memory:
            let memory = MemoryStore { time.now }
            store = memory
            board = memory.board
        case .sqlite:
            let sqlite = try SQLiteStore(
                path: directory.file("sessions.db"),
                clock: LeaseClock(boot: [1, 2, 3]) { time.now })
            store = sqlite
            board = sqlite.board
        }
    }

    func perform(_ command: StoreCommand) throws -> StoreReply { try store.perform(command) }

    func row(_ key: RowKey, now: Int64 = 100) throws -> SessionRow? {
        guard case .row(let row, _) = try perform(.read(key, now: now)) else { return nil }
        return row
    }

    func begin(
        _ key: RowKey, generation: UInt64 = 1, owner: UInt64 = 1, presentations: Int = 2
    ) throws -> StoreReply {
        try perform(
            .beginRefresh(
                key, generation: generation, owner: owner, leaseMilliseconds: 5_000,
                presentations: presentations, now: 100))
    }

    /// The lease, or an error for any other reply.
    func lease(_ key: RowKey, owner: UInt64 = 1, generation: UInt64 = 1) throws -> Lease {
        let reply = try begin(key, generation: generation, owner: owner)
        guard case .granted(let lease, _, _) = reply else { throw Unexpected(reply: reply) }
        return lease
    }

    struct Unexpected: Error { var reply: StoreReply }
}

func key(_ number: UInt8, slot: UInt8 = 0) -> RowKey {
    var bytes = [UInt8](repeating: number, count: 32)
    bytes[30] = slot
    return RowKey(bytes)!
}

func session(
    _ number: UInt8, idle: Int64 = 1_000, absolute: Int64 = 5_000, sealed: [UInt8]? = nil
) -> SessionRow {
    SessionRow(
        key: key(number, slot: number), generation: 1, sealed: sealed ?? [number, 1, 2, 3],
        idleExpiry: idle, absoluteExpiry: absolute, subjectHash: [9, number],
        providerSessionHash: [])
}

/// Deleted with its contents when the last user goes.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "cloakroom-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> ByteString { ByteString(path + "/" + name) }

    func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
    }

    func contents(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }
}
