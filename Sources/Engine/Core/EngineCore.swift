package import Configuration
import Encodings
import Observability

/// The whole engine as one value: requests under way, flights under way, tables.
///
/// A driver keeps it behind a lock, hands it what happens, and performs the actions it returns.
/// See Machines.swift for the theory of operation.
package struct EngineCore: Sendable {
    private var scene: Scene
    private var requests: [RequestID: WaitingRequest] = [:]
    private var flights: [FlightKey: FlightUnderWay] = [:]
    private var addressees: [EffectTicket: Addressee] = [:]
    private var lastTicket: UInt64 = 0

    private struct WaitingRequest: Sendable {
        var flow: any RequestFlow
        let subject: Subject
        /// When it runs out of patience: asked for once it really waits, not for a job.
        var deadline: Int64?
    }

    private struct FlightUnderWay: Sendable {
        var flight: any Flight
        var waiting: [Addressee] = []
    }

    private enum Addressee: Hashable, Sendable {
        case request(RequestID)
        case flight(FlightKey)
        case patience(RequestID)
    }

    /// What happens next to whom.
    private struct Turn {
        var inputs: [(Addressee, MachineInput)]
        var actions: [Action] = []
    }

    /// - Parameter owner: a random number that names this engine in leases.
    package init(_ configuration: Configuration, owner: UInt64) {
        scene = Scene(configuration, owner: owner)
    }

    package var configuration: Configuration { scene.configuration }
    /// For tests and simulations, which look at what the engine remembers.
    package internal(set) var tables: Tables {
        get { scene.tables }
        _modify { yield &scene.tables }
    }

    /// True while a token answer that was asked for is not yet stored.
    package var awaitsTokenAnswers: Bool {
        flights.values.contains { $0.flight.awaitsTokenAnswer }
    }

    /// The first actions of an engine: key sets are fetched ahead, the sweep is set going.
    package mutating func begin(_ now: Moment) -> [Action] {
        scene.now = now
        for name in scene.configuration.providers.keys.sorted() {
            scene.launch(.keyWatch(name), KeyWatchFlight(name))
        }
        if scene.configuration.store != nil { scene.launch(.sweep, SweepFlight()) }
        return run(Turn(inputs: []), from: nil)
    }

    /// What came of a ``start(_:_:_:)``.
    package struct StartResult: Sendable {
        /// Present where memory sufficed; the request is over then.
        package var decision: Decision?
        /// To be performed in either case.
        package var actions: [Action]
    }

    /// Takes a request: it is decided at once, or waits.
    /// - Parameter id: not in use by another that waits.
    package mutating func start(_ id: RequestID, _ arrival: Arrival, _ now: Moment) -> StartResult {
        scene.now = now
        var flow = arrival.flow
        if let decision = flow.step(.begin, &scene) {
            if case .respond = decision.outcome { note(decision.reason, arrival.subject) }
            return StartResult(
                decision: decision,
                actions: scene.wishes.isEmpty ? [] : run(Turn(inputs: []), from: nil))
        }
        requests[id] = WaitingRequest(
            flow: flow, subject: arrival.subject,
            deadline: now.monotonic + flow.patience(scene))
        return StartResult(decision: nil, actions: run(Turn(inputs: []), from: .request(id)))
    }

    /// Takes the answer to an effect; one that nobody asked for, or not any more, is nobody's.
    package mutating func resume(
        _ ticket: EffectTicket, _ input: Input, _ now: Moment
    ) -> [Action] {
        guard let addressee = addressees.removeValue(forKey: ticket) else { return [] }
        scene.now = now
        let input =
            if case .patience = addressee { MachineInput.outOfPatience } else {
                MachineInput(input)
            }
        return run(Turn(inputs: [(addressee, input)]), from: nil)
    }

    /// What there is to know of a request's surroundings, for an ``Explanation``.
    package mutating func surroundings(of subject: Subject, _ now: Moment) -> Surroundings {
        Surroundings(of: subject, &scene.tables, configuration, now)
    }

    /// A request that waits went away; what it launched goes on.
    package mutating func cancel(_ id: RequestID) { requests[id] = nil }

    /// Nothing new is begun after this; flights under way end by themselves.
    package mutating func stop(_ now: Moment) -> [Action] {
        scene.now = now
        scene.isStopping = true
        return []
    }

    /// One line about an answer of ours, for who looks into it.  What is forwarded is not worth
    /// one: most of what is decided, and the host has the reason at hand.
    @inline(never)
    private mutating func note(_ reason: Reason, _ subject: Subject) {
        var line: ByteString = "decision: "
        line += reason.word
        line += " "
        line += subject.policy
        scene.log(.debug, line)
    }

    // MARK: Turns

    /// Grants the wishes of the machine that has just taken a step, then lets the others take
    /// theirs, until nobody has an input left.
    private mutating func run(_ turn: Turn, from wisher: Addressee?) -> [Action] {
        var turn = turn
        grantWishes(of: wisher, in: &turn)
        var next = 0
        while next < turn.inputs.count {
            let (addressee, input) = turn.inputs[next]
            next += 1
            deliver(input, to: addressee, in: &turn)
        }
        return turn.actions
    }

    private mutating func deliver(
        _ input: MachineInput, to addressee: Addressee, in turn: inout Turn
    ) {
        switch addressee {
        case .request(let id), .patience(let id):
            guard var request = requests[id] else { return }
            let decision = request.flow.step(input, &scene)
            requests[id] = decision == nil ? request : nil
            if case .respond = decision?.outcome, let reason = decision?.reason {
                note(reason, request.subject)
            }
            grantWishes(of: .request(id), in: &turn)
            if let decision { turn.actions.append(.decided(id, decision)) }
        case .flight(let key):
            guard var underWay = flights[key] else { return }
            let landing = underWay.flight.step(input, &scene)
            flights[key] = landing == nil ? underWay : nil
            grantWishes(of: .flight(key), in: &turn)
            if let landing {
                turn.inputs += underWay.waiting.map { ($0, .landed(landing)) }
            }
        }
    }

    private mutating func grantWishes(of wisher: Addressee?, in turn: inout Turn) {
        guard !scene.wishes.isEmpty else { return }
        let wishes = scene.wishes
        scene.wishes = []
        for wish in wishes {
            switch wish {
            case .ask(let effect):
                guard let wisher else { continue }
                turn.actions.append(.perform(issueTicket(wisher), effect))
            case .launch(let key, let flight):
                guard flights[key] == nil else { continue }
                flights[key] = FlightUnderWay(flight: flight)
                turn.inputs.append((.flight(key), .begin))
            case .join(let key):
                guard let wisher else { continue }
                flights[key]?.waiting.append(wisher)
                limitPatience(of: wisher, in: &turn)
            case .log(let line): turn.actions.append(.log(line))
            }
        }
    }

    private mutating func limitPatience(of wisher: Addressee, in turn: inout Turn) {
        guard case .request(let id) = wisher, let deadline = requests[id]?.deadline else { return }
        requests[id]?.deadline = nil
        turn.actions.append(.perform(issueTicket(.patience(id)), .timer(at: deadline)))
    }

    private mutating func issueTicket(_ addressee: Addressee) -> EffectTicket {
        lastTicket &+= 1
        let ticket = EffectTicket(lastTicket)
        addressees[ticket] = addressee
        return ticket
    }
}
