import Chance
import Configuration
import Encodings
import Engine
import HTTPMessages
import Observability

/// One worker: the shipped engine, driven as the runtime does, but at once and in a fixed order.
final class Worker {
    let number: Int
    let random: SeededRandom
    private(set) var core: EngineCore
    private(set) var timers: [(time: Int64, ticket: EffectTicket)] = []
    private(set) var subjects: [RequestID: Subject] = [:]
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

    func start(_ request: ScriptedRequest) -> RequestID {
        lastRequest += 1
        let id = RequestID(lastRequest)
        let recalled = Recalled(request, &core, stage)
        let arrival = Arrival(request.head, core.configuration, stamps: stage.store.board)
        subjects[id] = arrival.subject
        let result = core.start(id, arrival, stage.now)
        if let recalled, !recalled.isAnswered(by: result) {
            stage.complain("what is recalled is not what a full look decides")
        }
        if let decision = result.decision {
            stage.decided(self, id, decision)
            checkLine(of: decision, in: result.actions)
        }
        drain(result.actions)
        return id
    }

    func resume(_ ticket: EffectTicket, _ input: Input) {
        drain(taken(core.resume(ticket, input, stage.now)))
    }

    private func taken(_ actions: [Action]) -> [Action] {
        for case .decided(_, let decision) in actions { checkLine(of: decision, in: actions) }
        return actions
    }

    /// Each answer of ours has a line in the log, with the word that the host gets.
    private func checkLine(of decision: Decision, in actions: [Action]) {
        guard case .respond = decision.outcome else { return }
        let start: ByteString = "decision: " + decision.reason.word + " "
        for case .log(let line) in actions where line.text.hasPrefix(start) { return }
        stage.complain("no log line tells of \(decision.reason)")
    }

    func explain(_ id: RequestID, _ decision: Decision) -> String? {
        guard let subject = subjects[id] else { return nil }
        let surroundings = core.surroundings(of: subject, stage.now)
        return Explanation.text(of: subject, surroundings, decision).string
    }

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
                queue += taken(core.resume(ticket, input, stage.now))
            }
        }
    }

    private func perform(_ ticket: EffectTicket, _ effect: Effect) -> Input? {
        switch effect {
        case .timer(let time):
            timers.append((time, ticket))
            return nil
        case .file(let path, let setting, let mark):
            return .file(WatchedFile.read(path, of: setting, since: mark))
        case .job(let job): return .result(job.perform(JobTools(random: random)))
        case .exchange(let request): return stage.exchange(self, ticket, request)
        case .store(let command): return stage.perform(self, ticket, command)
        }
    }
}
