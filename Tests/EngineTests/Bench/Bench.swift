import Chance
import Configuration
import Cryptography
import Encodings
import Engine
import HTTPMessages
import MemoryStore
import Observability
import Sessions

/// One worker: drives an engine core in the way the runtime does, but at once and in a fixed order.
final class Bench {
    let world: World
    let random: SeededRandom
    var core: EngineCore

    /// In the order in which they were sent.
    private(set) var sent: [OutboundRequest] = []
    private(set) var commands: [StoreCommand] = []
    private(set) var keptCommands: [StoreCommand] = []
    private(set) var jobs = 0
    /// At files.
    private(set) var looks = 0
    private(set) var log: [LogLine] = []
    private(set) var decisions: [RequestID: Decision] = [:]

    /// Looked at before a command reaches the store: a failure stands in its place.
    var storeFailure: (StoreCommand) -> StoreFailure? = { _ in nil }
    /// The command happens, but nobody hears of it.
    var losesReply: (StoreCommand) -> Bool = { _ in false }
    /// Another process is changing every row: the stamps are odd.
    var isStoreBeingWritten = false
    /// Commands for which this is true wait until ``release()``.
    var holdsCommand: (StoreCommand) -> Bool = { _ in false }

    private var timers: [(time: Int64, ticket: EffectTicket)] = []
    private var heldExchanges: [(EffectTicket, OutboundRequest)] = []
    private var heldReplies: [(EffectTicket, Input)] = []
    private var queue: [Action] = []
    private var lastRequest: UInt64 = 0

    init(
        _ world: World, owner: UInt64 = 1, begins: Bool = true,
        _ adjust: (inout Configuration) -> Void = { _ in }
    ) {
        self.world = world
        random = SeededRandom(seed: owner)
        var configuration = Configuration.forTests
        adjust(&configuration)
        core = EngineCore(configuration, owner: owner)
        world.add(self)
        if begins { begin() }
    }

    func begin() { drain(core.begin(world.now)) }

    // MARK: Requests

    var stamps: any StampBoard {
        isStoreBeingWritten ? OddBoard(board: world.store.board) : world.store.board
    }

    /// Starts a request.
    /// - Returns: its name; ``decisions`` has it when it is decided.
    @discardableResult
    func start(_ request: TestRequest) -> RequestID {
        lastRequest += 1
        let id = RequestID(lastRequest)
        let recalled = recall(request)
        let proven = prove(request)
        let arrival = Arrival(request.head, core.configuration, stamps: stamps)
        let result = core.start(id, arrival, world.now)
        if let decision = result.decision { decisions[id] = decision }
        if let recalled { expect(recalled, toBe: result.decision) }
        drain(result.actions)
        if let proven { expect((proven, nil), toBe: decisions[id]) }
        return id
    }

    /// - Returns: nil where the request still waits.
    func ask(_ request: TestRequest) -> Decision? { decisions[start(request)] }

    func cancel(_ id: RequestID) { core.cancel(id) }
    func stop() { drain(core.stop(world.now)) }

    // MARK: The world answers

    /// Lets everything that was held happen now.
    func release() {
        holdsCommand = { _ in false }
        let replies = heldReplies
        heldReplies = []
        for (ticket, input) in replies { drain(core.resume(ticket, input, world.now)) }
        let exchanges = heldExchanges
        heldExchanges = []
        for (ticket, request) in exchanges {
            guard let input = world.provider.answer(request).input else { continue }
            drain(core.resume(ticket, input, world.now))
        }
    }

    var heldCount: Int { heldExchanges.count + heldReplies.count }
    var nextTimer: Int64? { timers.map(\.time).min() }

    func fireTimers() {
        let due = timers.filter { $0.time <= world.milliseconds }.sorted { $0.time < $1.time }
        timers.removeAll { $0.time <= world.milliseconds }
        for timer in due { drain(core.resume(timer.ticket, .fired, world.now)) }
    }

    private func drain(_ actions: [Action]) {
        queue += actions
        while !queue.isEmpty {
            switch queue.removeFirst() {
            case .decided(let id, let decision):
                precondition(decisions[id] == nil, "decided twice")
                decisions[id] = decision
            case .log(let line): log.append(line)
            case .perform(let ticket, let effect):
                guard let input = perform(effect, ticket) else { continue }
                queue += core.resume(ticket, input, world.now)
            }
        }
    }

    private func perform(_ effect: Effect, _ ticket: EffectTicket) -> Input? {
        switch effect {
        case .timer(let time):
            timers.append((time, ticket))
            return nil
        case .job(let job):
            jobs += 1
            precondition(jobs < 100_000, "a job is asked for over and over")
            return .result(job.perform(JobTools(random: random)))
        case .file(let path, _, let mark):
            looks += 1
            return .file(world.files[path]?(mark) ?? .unreadable("there is no \(path)"))
        case .exchange(let request):
            sent.append(request)
            let answer = world.provider.answer(request)
            if case .held = answer { heldExchanges.append((ticket, request)) }
            return answer.input
        case .store(let command):
            switch command {
            // Of no interest to who looks at sessions.
            case .keep, .readKept: keptCommands.append(command)
            default: commands.append(command)
            }
            let input = perform(command)
            guard holdsCommand(command) else { return input }
            heldReplies.append((ticket, input))
            return nil
        }
    }

    private func perform(_ command: StoreCommand) -> Input {
        if let failure = storeFailure(command) { return .noReply(failure) }
        if case .readKept = command, world.isForgetful { return .reply(.gone) }
        do throws(StoreFailure) {
            let reply = try world.store.perform(command)
            guard !losesReply(command) else {
                return .noReply(StoreFailure(.unavailable, detail: "cut off"))
            }
            if isStoreBeingWritten, case .row(let row, let stamp) = reply {
                return .reply(.row(row, stamp: stamp | 1))
            }
            return .reply(reply)
        } catch {
            return .noReply(error)
        }
    }
}

extension Bench {
    /// What was sent to a path of the provider, as forms.
    func forms(_ path: ByteString) -> [Parameters] {
        sent.filter { $0.url.hasSuffix(path) }.map { Parameters($0.body) }
    }
    func count(_ path: ByteString) -> Int { sent.filter { $0.url.hasSuffix(path) }.count }
    func hasLogged(_ words: ByteString, _ level: LogLevel? = nil) -> Bool {
        log.contains { $0.text.string.contains(words.string) && (level ?? $0.level) == $0.level }
    }
}

/// The stamps as they are while somebody writes.
private struct OddBoard: StampBoard {
    let board: any StampBoard
    func stamp(of key: RowKey) -> UInt64 { board.stamp(of: key) | 1 }
}

extension StoreFailure {
    static let down = StoreFailure(.unavailable, detail: "down")
}
