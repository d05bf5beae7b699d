import Configuration
import Engine
import HTTPMessages
import Sessions

/// One engine and its driver, as a worker process has them; may crash and start anew.
final class Worker {
    let index: Int
    /// Counts its starts: what was meant for an earlier life reaches nobody.
    private(set) var life = 0
    private(set) var owner: UInt64 = 0
    private var core: EngineCore?
    private let configuration: Configuration
    private unowned let world: World

    init(_ index: Int, _ world: World) {
        self.index = index
        self.world = world
        configuration = Settings.configuration(world.scenario)
    }

    var name: String { "engine \(index)" }
    var isUp: Bool { core != nil }

    func start() {
        life += 1
        owner = world.dice.next()
        var core = EngineCore(configuration, owner: owner)
        let actions = core.begin(world.now)
        self.core = core
        world.note(name) { "starts" }
        perform(actions)
    }

    /// Everything it knew is gone; what it has done stays done.
    func crash() {
        core = nil
        world.note(name) { "crashes" }
        world.ledger.crashed(self)
        world.after(world.dice.delay(10, 3_000)) { [unowned self] in start() }
    }

    // MARK: Requests

    /// - Returns: false where nobody listens.
    func take(_ request: Request, _ head: RequestHead) -> Bool {
        guard core != nil else { return false }
        world.ledger.began(request, on: self)
        let arrival = Arrival(head, configuration, stamps: world.store.stamps)
        guard let result = core?.start(RequestID(request.number), arrival, world.now) else {
            return false
        }
        if let decision = result.decision { world.ledger.decided(request.number, decision) }
        perform(result.actions)
        return true
    }

    func take(_ call: Call, _ head: RequestHead) {
        guard core != nil else { return }
        world.ledger.began(call)
        let arrival = Arrival(head, configuration, stamps: world.store.stamps)
        guard let result = core?.start(RequestID(call.number), arrival, world.now) else { return }
        if let decision = result.decision { world.ledger.decided(call.number, decision) }
        perform(result.actions)
    }

    func cancel(_ request: Request) { core?.cancel(RequestID(request.number)) }

    // MARK: Effects

    private func answer(_ ticket: EffectTicket, _ input: Input, _ life: Int) {
        guard self.life == life, core != nil else { return }
        guard let actions = core?.resume(ticket, input, world.now) else { return }
        perform(actions)
        if core != nil, self.life == life, world.dice.chance(world.faults.repeatedInput) {
            let more = core?.resume(ticket, input, world.now) ?? []
            world.ledger.expect(.oneAnswer, more.isEmpty) {
                "\(name) takes a second answer to effect \(ticket.number)"
            }
        }
    }

    private func perform(_ actions: [Action]) {
        let life = life
        for action in actions {
            // Somebody who was told a decision may have come back already, and seen it crash.
            guard isUp, self.life == life else { return }
            if world.dice.chance(world.faults.crash) { return crash() }
            switch action {
            case .decided(let id, let decision): world.ledger.decided(id.number, decision)
            case .log(let line): world.note(name) { "says: \(line.text)" }
            case .perform(let ticket, let effect):
                world.ledger.issued(ticket, by: self)
                perform(ticket, effect, life)
            }
        }
    }

    private func perform(_ ticket: EffectTicket, _ effect: Effect, _ life: Int) {
        let reply: (Input) -> Void = { [unowned self] input in answer(ticket, input, life) }
        switch effect {
        case .exchange(let request): world.network.send(request, from: self, reply)
        case .store(let command): world.store.take(command, from: self, reply)
        case .timer(let at):
            world.after(at - world.time + world.dice.between(0, 5)) { reply(.fired) }
        case .file: reply(.file(.unreadable("no file here")))
        case .job(let job):
            let result = job.perform(JobTools(random: world.random))
            if case .created(let ticket, _) = result { world.ledger.learn(ticket) }
            world.after(world.dice.between(0, 2)) { reply(.result(result)) }
        }
    }
}
