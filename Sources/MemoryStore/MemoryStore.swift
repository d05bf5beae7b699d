package import Sessions

/// A store that lives and dies with its process: for a single process, for tests, and for
/// simulations that own its clock.
package final class MemoryStore: SessionStore {
    /// Everything it knows; a simulation may copy it and put it back.
    package var table: MemoryTable {
        get { content }
        set {
            content = newValue
            board.replace(with: newValue.stamps)
        }
    }
    package let board = MemoryBoard()

    private var content = MemoryTable()
    private let clock: () -> Int64

    /// - Parameter clock: milliseconds that never go back, by which leases run.
    package init(clock: @escaping () -> Int64) { self.clock = clock }

    /// Never fails.
    package func perform(_ command: StoreCommand) throws(StoreFailure) -> StoreReply {
        let reply = content.perform(command, milliseconds: clock())
        publish(command)
        return reply
    }

    /// Before anyone hears the reply: what a reply says has happened must count everywhere.
    private func publish(_ command: StoreCommand) {
        switch command {
        case .create(_, let replaced?): publish(replaced)
        case .commitRefresh(let key, _, _, _), .refuseRefresh(let key, _), .end(let key):
            publish(key)
        case .sweep: board.replace(with: content.stamps)
        case .create, .read, .touch, .beginRefresh, .abandonRefresh, .spend, .keep, .readKept:
            break
        }
    }

    private func publish(_ key: RowKey) {
        board.set(MemoryTable.slot(of: key), content.stamp(of: key))
    }
}
