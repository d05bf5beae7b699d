import Configuration
import Cryptography
import Encodings
import Engine
import HTTPMessages
import Locks
import Observability
import Sessions
import Synchronization

/// What the host's threads and ours share: the engine behind its lock, and the ways to and from it.
///
/// Actions are performed on the thread that got them, outside the lock: jobs at once, the rest by
/// handing it on.  Each effect is answered exactly once; only timers that have not fired when the
/// engine ends never do, as time stops then.
final class EngineRoom: Sendable {
    let configuration: Configuration
    let board: RequestBoard
    let stamps = StampHolder()
    let exchanges: Mailbox<(EffectTicket, IOWork)>
    let commands: Mailbox<(EffectTicket, StoreCommand)>
    let timers: Timers
    /// Ends the waits of the I/O thread and of the store thread.
    let wakers = Wakers()
    /// Happens after each answer while the engine is being stopped.
    let progress = Event()
    /// When the store thread leaves what is still to be done, on ``SystemClock/monotonic``.
    let storeDeadline = Atomic(Int64.max)
    private let isStopping = Atomic(false)
    private let core: Locked<EngineCore>
    private let ticks = TickClock()
    private let tools = JobTools(random: SystemRandom())
    private let wantsLog: Bool

    init(
        _ configuration: Configuration, owner: UInt64, wantsLog: Bool
    ) throws(RuntimeFailure) {
        self.configuration = configuration
        self.wantsLog = wantsLog
        core = Locked(EngineCore(configuration, owner: owner))
        board = try RequestBoard(parkedLimit: 65_536)
        let wakers = wakers
        exchanges = Mailbox(capacity: 1_024) { wakers.wakeIO() }
        timers = Timers { wakers.wakeIO() }
        commands = Mailbox(capacity: 10_000) { wakers.store.happen() }
    }

    // MARK: Turns of the engine

    func begin() { perform(core.withLock { $0.begin(SystemClock.now()) }) }

    func start(_ request: RequestTicket, _ head: RequestHead) throws(RuntimeFailure) {
        let arrival = Arrival(head, configuration, stamps: stamps)
        unsafe request.subject = arrival.subject
        let now = SystemClock.now()
        let (result, parking) = core.withLock { core in
            let result = core.start(request.id, arrival, now)
            guard result.decision == nil else { return (result, nil as RequestBoard.Parking?) }
            // Before the lock is let go: then nobody can decide it unseen.
            let parking = board.park(request)
            if parking != .parked { core.cancel(request.id) }
            return (result, parking)
        }
        if let decision = result.decision { request.settle(decision) }
        perform(result.actions)
        switch parking {
        case nil: return
        case .parked: board.started(request)
        case .full: throw .tooManyRequests
        case .closed: throw .stopped
        }
    }

    func recall(
        _ recall: Recall, in field: Span<UInt8>, _ guarded: Guarded, mayProve: Bool
    ) -> Recalled? {
        let now = ticks.now()
        var check: DirectCheck?
        let known = core.withLock { core -> Settled? in
            if let known = core.recall(recall, in: field, guarded, now, stamps: stamps) {
                return known
            }
            if mayProve, guarded.isBearer { check = core.directCheck(guarded, now) }
            return nil
        }
        if let known { return Recalled(answer: known, isProven: false) }
        guard let check, let token = check.prove(field.extracting(recall.credential), now),
            let answer = token.settled
        else { return nil }
        if check.isRemembered { core.withLock { $0.remember(token) } }
        return Recalled(answer: answer, isProven: true)
    }

    func cancel(_ request: RequestTicket) {
        guard board.cancel(request) else { return }
        core.withLock { $0.cancel(request.id) }
    }

    func resume(_ ticket: EffectTicket, _ input: Input) {
        perform(turn(ticket, input))
        if isStopping.load(ordering: .acquiring) { progress.happen() }
    }

    func beginStopping() {
        isStopping.store(true, ordering: .releasing)
        perform(core.withLock { $0.stop(SystemClock.now()) })
    }

    /// Copies under the lock what the explanation then looks at without it.
    func explain(_ subject: Subject?, _ decision: Decision?) -> ByteString? {
        guard let subject else { return nil }
        let now = SystemClock.now()
        let surroundings = core.withLock { $0.surroundings(of: subject, now) }
        return Explanation.text(of: subject, surroundings, decision)
    }

    var awaitsTokenAnswers: Bool { core.withLock { $0.awaitsTokenAnswers } }

    func log(_ level: LogLevel, _ text: ByteString) {
        if wantsLog { board.log(LogLine(level, text)) }
    }

    // MARK: Actions

    private func turn(_ ticket: EffectTicket, _ input: Input) -> [Action] {
        let now = SystemClock.now()
        return core.withLock { $0.resume(ticket, input, now) }
    }

    private func perform(_ actions: [Action]) {
        var actions = actions
        var next = 0
        while next < actions.count {
            switch actions[next] {
            case .perform(let ticket, let effect):
                if let answer = begin(ticket, effect) { actions += turn(ticket, answer) }
            case .decided(let id, let decision): board.decide(id, decision)
            case .log(let line): if wantsLog { board.log(line) }
            }
            next += 1
        }
    }

    /// - Returns: the answer, where it is there at once.
    private func begin(_ ticket: EffectTicket, _ effect: Effect) -> Input? {
        switch effect {
        case .job(let job): return .result(job.perform(tools))
        case .timer(let time):
            timers.add(ticket, at: time)
            return nil
        case .file(let path, let setting, let mark):
            guard exchanges.post((ticket, .file(path: path, setting: setting, since: mark)))
                == .accepted
            else { return .file(.unreadable("too much to do")) }
            return nil
        case .exchange(let request):
            switch exchanges.post((ticket, .exchange(request))) {
            case .accepted: return nil
            case .full: return .noResponse(.unsent(.busy))
            case .closed: return .noResponse(.unsent(.shutdown))
            }
        case .store(let command):
            guard configuration.store != nil else {
                return .noReply(StoreFailure(.unusable, detail: "no store is configured"))
            }
            switch commands.post((ticket, command)) {
            case .accepted: return nil
            case .full: return .noReply(StoreFailure(.unavailable, detail: "too many commands"))
            case .closed: return .noReply(StoreFailure(.unavailable, detail: "shutting down"))
            }
        }
    }
}
