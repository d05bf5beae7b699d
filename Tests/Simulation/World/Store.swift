import Engine
import MemoryStore
import Sessions

/// The session store that all engines share: the shipped table, reached by a way that may be slow,
/// may fail, and may fail to say what it has done.
final class Store {
    var isDown = false
    let memory: MemoryStore
    private unowned let world: World
    private lazy var early = EarlyAnswers(memory, world)

    init(_ world: World) {
        self.world = world
        memory = MemoryStore { [unowned world] in world.time }
    }

    /// What engines look at before they believe their memory.
    var stamps: any StampBoard {
        world.broken == .stamp ? StoppedBoard() : memory.board
    }

    func take(_ command: StoreCommand, from worker: Worker, _ reply: @escaping (Input) -> Void) {
        let life = worker.life
        let (fails, failsLate) = throwFate()
        world.note(worker.name) { "asks the store: \(command.summary)" }
        world.after(delay) { [unowned self, unowned worker] in
            guard worker.isUp, worker.life == life else { return }
            guard !isDown, !fails else {
                world.note(worker.name) { "store fails: \(command.summary)" }
                world.after(delay) { reply(.noReply(Self.failure)) }
                return
            }
            let answer = perform(command, worker)
            world.note(worker.name) {
                "store does: \(command.summary) -> \(answer.summary)"
                    + (failsLate ? ", unheard" : "")
            }
            if failsLate { world.ledger.unheard(command, answer) }
            world.after(delay) { reply(failsLate ? .noReply(Self.failure) : .reply(answer)) }
        }
    }

    private static let failure = StoreFailure(.unavailable, detail: "simulated")

    private var delay: Int64 { world.dice.delay(0, world.scenario.storeDelay) }

    /// - Returns: whether it fails before it does anything; whether its answer is lost after.
    private func throwFate() -> (Bool, Bool) {
        guard world.dice.chance(world.faults.store) else { return (false, false) }
        let isLate = world.dice.chance(0.3)
        return (!isLate, isLate)
    }

    private func perform(_ command: StoreCommand, _ worker: Worker) -> StoreReply {
        switch world.broken {
        case .lease, .intent: return write(world.broken?.bent(command) ?? command, worker)
        case .persist: return early.perform(command, worker) { [unowned self] in write($0, worker) }
        case .keeping:
            if case .readKept = command { return .gone }
            return write(command, worker)
        case .stamp: return StoppedBoard.unstamped(write(command, worker))
        case nil: return write(command, worker)
        }
    }

    private func write(_ command: StoreCommand, _ worker: Worker) -> StoreReply {
        // The table cannot fail; what fails is the way to it.
        guard let reply = try? memory.perform(command) else { return .gone }
        world.ledger.stored(command, reply, by: worker)
        return reply
    }

    /// The row as it stands, whatever its age.
    func row(_ key: RowKey) -> SessionRow? {
        guard case .row(let row, _)? = try? memory.perform(.read(key, now: .min)) else {
            return nil
        }
        return row
    }
}
