import Encodings
import Sessions

/// Writes, one at a time, each wholly or not at all, with the stamps of what it changes moved
/// around it.
final class Transactions {
    enum Durability {
        /// On the disk before the reply.
        case durable
        /// A power failure may undo it; a crash of ours may not.
        case quick
    }

    private let connection: Connection
    private let board: StampPage
    private let start: Statement
    private let commit: Statement
    private let rollback: Statement
    private var durability: Durability?

    init(_ connection: Connection, _ board: StampPage) throws(StoreFailure) {
        self.board = board
        start = try connection.prepare("BEGIN IMMEDIATE")
        commit = try connection.prepare("COMMIT")
        rollback = try connection.prepare("ROLLBACK")
        self.connection = connection
    }

    var changes: Int { connection.changes }

    /// - Parameter body: holds the write lock; before it changes a row that someone may remember,
    ///   it announces it.
    func write(
        _ durability: Durability,
        _ body: (inout Change) throws(StoreFailure) -> StoreReply
    ) throws(StoreFailure) -> StoreReply {
        guard connection.isIdle else {
            throw StoreFailure(.unusable, detail: connection.path + ": a transaction is stuck")
        }
        guard !connection.hasMoved else {
            throw StoreFailure(.unusable, detail: connection.path + ": was moved or deleted")
        }
        try prepare(for: durability)
        try start.run()
        board.repair()
        var change = Change(board)
        let reply: StoreReply
        do {
            reply = try body(&change)
            try commit.run()
        } catch {
            // SQLite has rolled back by itself where the disk was full or failed.
            if !connection.isIdle { try? rollback.run() }
            // Still open: the stamps stay odd until the next holder of the lock repairs them.
            if connection.isIdle { change.finish() }
            throw error
        }
        change.finish()
        return reply
    }

    private func prepare(for durability: Durability) throws(StoreFailure) {
        guard durability != self.durability else { return }
        switch durability {
        case .durable: try connection.execute("PRAGMA synchronous = FULL")
        case .quick: try connection.execute("PRAGMA synchronous = NORMAL")
        }
        self.durability = durability
    }
}

/// What a transaction has announced on the board.
struct Change {
    private let board: StampPage
    private var writing: StampPage.Writing?

    init(_ board: StampPage) { self.board = board }

    /// Before these rows change; once in a transaction.
    mutating func announce(_ keys: [RowKey]) {
        if !keys.isEmpty { writing = board.begin(keys) }
    }
    mutating func announce(_ key: RowKey) { announce([key]) }

    func finish() {
        if let writing { board.finish(writing) }
    }
}
