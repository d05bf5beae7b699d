import Configuration
import Encodings
import Engine
import Foundation
import HTTPMessages
import MemoryStore
import OAuth
import Observability
import Sessions

/// What the workers of a transcript share: time, store, provider; and what was seen of them.
final class Stage {
    static let beginning: Int64 = 1_800_000_000

    let configuration: Configuration
    let store: MemoryStore
    private(set) var placeholders = Placeholders(names: Names(), beginning: beginning)
    private var providerRules: ProviderRules
    private var storeRules: StoreRules
    private var workers: [Worker] = []
    private var heldExchanges: [(Worker, EffectTicket, OutboundRequest)] = []
    private var heldCommands: [(Worker, EffectTicket, StoreCommand)] = []
    private var requestNames: [Int: [RequestID: String]] = [:]
    /// The name of the request that is being started: it may be decided at once.
    private var beingStarted: String?
    private var undecided: [(Worker, RequestID)] = []

    // What was seen since the last ``forget()``.
    private(set) var effects: [String] = []
    private(set) var decisions: [String] = []
    private(set) var problems: [String] = []
    private(set) var lastDecision: Decision?
    private var answered: [(worker: Worker, id: RequestID, decision: Decision)] = []
    private var debugLines: [String] = []

    private final class Clock { var milliseconds: Int64 = 1_000_000 }
    private let clock = Clock()
    private let zero: Int64 = 1_000_000
    /// True while an `at` lets things happen in between.
    private var isPassing = false

    init(_ configuration: Configuration, _ provider: ProviderRules, _ store: StoreRules) {
        self.configuration = configuration
        providerRules = provider
        storeRules = store
        let clock = clock
        self.store = MemoryStore { clock.milliseconds }
    }

    var now: Moment {
        Moment(wall: Self.beginning + elapsed / 1_000, monotonic: clock.milliseconds)
    }
    private var elapsed: Int64 { clock.milliseconds - zero }

    /// A worker that is named first begins then.
    func worker(_ number: Int) -> Worker {
        if let worker = workers.first(where: { $0.number == number }) { return worker }
        let worker = Worker(number, configuration, self)
        workers.append(worker)
        worker.begin()
        return worker
    }

    func forget() {
        (effects, decisions, problems) = ([], [], [])
        (answered, debugLines) = ([], [])
    }

    func expand(_ text: String) throws -> String { try placeholders.expand(text) }
    func hide(_ text: String) -> String { placeholders.names.hiding(in: text) }

    // MARK: What happens

    @discardableResult
    func start(_ request: ScriptedRequest) -> RequestID {
        let isNew = !workers.contains { $0.number == request.worker }
        let worker = worker(request.worker)
        // What a worker does at its start is not part of this step.
        if isNew { forget() }
        let count = decisions.count
        beingStarted = request.name
        let id = worker.start(request)
        beingStarted = nil
        requestNames[request.worker, default: [:]][id] = request.name
        if decisions.count == count { undecided.append((worker, id)) }
        return id
    }

    func provider(_ lines: [String]) throws {
        try providerRules.add(lines)
        let held = heldExchanges
        heldExchanges = []
        for (worker, ticket, request) in held {
            if let input = answer(worker, ticket, request) { worker.resume(ticket, input) }
        }
    }

    func store(_ lines: [String]) throws {
        try storeRules.add(lines)
        let held = heldCommands
        heldCommands = []
        for (worker, ticket, command) in held {
            if let input = perform(worker, ticket, command) { worker.resume(ticket, input) }
        }
    }

    func cancelLast() {
        if let (worker, id) = undecided.popLast() { worker.cancel(id) }
    }

    /// Lets time pass; what was to happen meanwhile happens in order.
    func pass(to time: Int64) {
        let end = zero + time
        isPassing = true
        while let next = workers.compactMap(\.nextTimer).min(), next <= end {
            clock.milliseconds = max(next, clock.milliseconds)
            for worker in workers { worker.fireTimers() }
        }
        isPassing = false
        clock.milliseconds = max(end, clock.milliseconds)
    }

    // MARK: What is asked of the world

    func exchange(_ worker: Worker, _ ticket: EffectTicket, _ request: OutboundRequest) -> Input? {
        placeholders.names.bindVerifier(of: request)
        note(worker, "provider ← " + request.wording)
        return answer(worker, ticket, request)
    }

    private func answer(
        _ worker: Worker, _ ticket: EffectTicket, _ request: OutboundRequest
    ) -> Input? {
        switch providerRules.answer(to: request) {
        case nil:
            problems.append("no rule says what the provider answers to \(request.url)")
            return .noResponse(TransportFailure(.connect, mayHaveBeenSent: false))
        case .failure(let failure): return .noResponse(failure)
        case .nothingYet:
            heldExchanges.append((worker, ticket, request))
            return nil
        case .response(let status, let headers, let body):
            do {
                let text = ByteString(try expand(body))
                bindTokens(in: text)
                return .response(
                    OutboundResponse(status: status, headers: headers, body: text.bytes))
            } catch {
                problems.append("the provider's answer: \(error)")
                return .noResponse(TransportFailure(.connect, mayHaveBeenSent: false))
            }
        }
    }

    func perform(_ worker: Worker, _ ticket: EffectTicket, _ command: StoreCommand) -> Input? {
        if case .create(let row, _) = command { placeholders.names.bind(row.key) }
        let text = placeholders.names.text(command, beginning: Self.beginning)
        let input: Input?
        let outcome: String
        switch storeRules.behaviour(command) {
        case .works: (input, outcome) = reply(to: command)
        case .unavailable:
            (input, outcome) = (.noReply(StoreFailure(.unavailable, detail: "")), "unavailable")
        case .lost:
            _ = reply(to: command)
            (input, outcome) = (.noReply(StoreFailure(.unavailable, detail: "")), "lost")
        case .nothingYet:
            heldCommands.append((worker, ticket, command))
            (input, outcome) = (nil, "nothing yet")
        }
        // A sweep that finds nothing happens every minute.
        if case .sweep = command, outcome == "0 swept" { return input }
        note(worker, "store ← \(text) → \(outcome)")
        return input
    }

    private func reply(to command: StoreCommand) -> (Input, String) {
        do throws(StoreFailure) {
            let reply = try store.perform(command)
            return (.reply(reply), placeholders.names.text(reply))
        } catch {
            return (.noReply(error), "unavailable")
        }
    }

    /// The name of a secret that stands in a text; tokens of the provider are their own names.
    func secret(in text: String) -> String? {
        placeholders.names.secret(in: text) ?? tokens.first { text.contains($0) }
    }

    func logged(_ worker: Worker, _ line: LogLine) {
        if let secret = secret(in: line.text.string) {
            problems.append("the log shows \(secret): \(line.text)")
        }
        if line.level == .debug {
            debugLines.append(line.text.string)
        } else {
            note(worker, "log \(line.level): \(line.text)")
        }
    }

    func decided(_ worker: Worker, _ id: RequestID, _ decision: Decision) {
        undecided.removeAll { $0.0 === worker && $0.1 == id }
        placeholders.names.bindValues(of: decision, configuration)
        lastDecision = decision
        answered.append((worker, id, decision))
        let name = beingStarted ?? requestNames[worker.number]?[id]
        decisions.append(hide(label(worker) + (name.map { "\($0): " } ?? "") + decision.wording))
    }

    // MARK: What holds in every transcript

    func complain(_ problem: String) { problems.append(problem) }

    /// How the latest of the step's decisions is explained; all of them are looked at.
    func explain() -> String? {
        var latest: String?
        for (worker, id, decision) in answered {
            guard let text = worker.explain(id, decision) else { continue }
            if let secret = secret(in: text) ?? (text.contains("alice") ? "a subject" : nil) {
                problems.append("the explanation shows \(secret): \(text)")
            }
            if text.count > 1_000 { problems.append("the explanation is cut: \(text)") }
            latest = hide(text)
        }
        return latest
    }

    /// Each answer of ours has its line at level debug; what is forwarded has none.
    func checkDebugLines() {
        let wanted = answered.compactMap { worker, id, decision -> String? in
            guard case .respond = decision.outcome, let subject = worker.subjects[id] else {
                return nil
            }
            return "decision: \(decision.reason) \(subject.policy)"
        }
        if wanted.sorted() != debugLines.sorted() {
            problems.append("lines at level debug: \(debugLines), not \(wanted)")
        }
    }

    private func note(_ worker: Worker, _ text: String) {
        let time = isPassing ? ClockText.text(milliseconds: elapsed) + " " : ""
        effects.append(time + label(worker) + hide(text))
    }

    private func label(_ worker: Worker) -> String {
        worker.number > 1 ? "worker \(worker.number): " : ""
    }

    /// Long enough not to be an ordinary word; shown as they are, but never in a log.
    private func bindTokens(in body: ByteString) {
        guard let object = try? JSONObject.parse(body.bytes) else { return }
        for name: ByteString in ["access_token", "refresh_token"] {
            if let token = object[name]?.string { tokens.insert(token.string) }
        }
    }
    private var tokens: Set<String> = []
}
