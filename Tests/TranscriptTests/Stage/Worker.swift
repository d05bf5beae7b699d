import Configuration
import Engine
import HTTPMessages
import Observability

/// One worker: the shipped engine, driven as the runtime does, but at once and in a fixed order.
final class Worker {
    let number: Int
    let random: SeededRandom
    private(set) var core: EngineCore
    private(set) var timers: [(time: Int64, ticket: Ticket)] = []
    private var queue: [Action] = []
    private var lastRequest: UInt64 = 0
    private unowned let stage: Stage

    init(_ number: Int, _ configuration: Configuration, _ stage: Stage) {
        self.number = number
        self.stage = stage
        random = SeededRandom(seed: UInt64(number))
        core = EngineCore(configuration, owner: UInt64(number))
    }

    func begin() { drain(core.begin(stage.now)) }
    func stop() { drain(core.stop(stage.now)) }
    func cancel(_ id: RequestID) { core.cancel(id) }

    func start(_ head: RequestHead) -> RequestID {
        lastRequest += 1
        let id = RequestID(lastRequest)
        let arrival = Arrival(head, core.configuration, stamps: stage.store.board)
        let result = core.start(id, arrival, stage.now)
        if let decision = result.decision { stage.decided(self, id, decision) }
        drain(result.actions)
        return id
    }

    func resume(_ ticket: Ticket, _ input: Input) { drain(core.resume(ticket, input, stage.now)) }

    var nextTimer: Int64? { timers.map(\.time).min() }

    func fireTimers() {
        let due = timers.filter { $0.time <= stage.now.monotonic }.sorted { $0.time < $1.time }
        timers.removeAll { $0.time <= stage.now.monotonic }
        for timer in due { resume(timer.ticket, .fired) }
    }

    private func drain(_ actions: [Action]) {
        queue += actions
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .decided(let id, let decision): stage.decided(self, id, decision)
            case .log(let line): stage.logged(self, line)
            case .perform(let ticket, let effect):
                guard let input = perform(ticket, effect) else { continue }
                queue += core.resume(ticket, input, stage.now)
            }
        }
    }

    private func perform(_ ticket: Ticket, _ effect: Effect) -> Input? {
        switch effect {
        case .timer(let time):
            timers.append((time, ticket))
            return nil
        case .job(let job): return .result(job.perform(JobTools(random: random)))
        case .exchange(let request): return stage.exchange(self, ticket, request)
        case .store(let command): return stage.perform(self, ticket, command)
        }
    }
}
