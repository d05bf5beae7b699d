import MemoryStore
import Sessions

/// A store in front of the store that answers a commit at once and writes it later: readers see
/// the new row meanwhile, and a crash of its engine loses it.
final class EarlyAnswers {
    private struct Unwritten {
        var row: SessionRow
        var life: Int
        var write: () -> Void
    }

    private var unwritten: [RowKey: Unwritten] = [:]
    private let memory: MemoryStore
    private unowned let world: World

    init(_ memory: MemoryStore, _ world: World) {
        self.memory = memory
        self.world = world
    }

    func perform(
        _ command: StoreCommand, _ worker: Worker,
        _ write: @escaping (StoreCommand) -> StoreReply
    ) -> StoreReply {
        switch command {
        case .commitRefresh(let key, _, let sealed, let absoluteExpiry):
            guard var row = world.store.row(key) else { return write(command) }
            row.generation += 1
            row.sealed = sealed
            row.absoluteExpiry = absoluteExpiry
            unwritten[key] = Unwritten(row: row, life: worker.life) { _ = write(command) }
            world.after(world.dice.between(50, 1_000)) { [unowned self] in
                guard worker.isUp, unwritten[key]?.life == worker.life else { return }
                flush(key)
            }
            return .done
        case .read(let key, _):
            guard let entry = unwritten[key] else { return write(command) }
            return .row(entry.row, stamp: memory.board.stamp(of: key) + 2)
        case .create(_, let replaced?): flush(replaced)
        case .beginRefresh(let key, _, _, _, _, _), .abandonRefresh(let key, _, _),
            .refuseRefresh(let key, _), .end(let key), .touch(let key, _):
            flush(key)
        case .create, .spend, .sweep, .keep, .readKept: break
        }
        return write(command)
    }

    private func flush(_ key: RowKey) { unwritten.removeValue(forKey: key)?.write() }
}
