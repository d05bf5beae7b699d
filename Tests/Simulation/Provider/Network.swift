import Engine
import HTTPMessages

/// The way between engines and provider: delays, loses, cuts, and has gateways of its own.
final class Network {
    var isDown = false
    private var count = 0
    private unowned let world: World

    init(_ world: World) { self.world = world }

    private enum Fate: CaseIterable {
        case unreachable, requestLost, requestCut, answerLost, answerCut
        /// The provider refuses to work.
        case overloaded
        /// It does not know us for a moment.
        case rejected
        /// A gateway that heard nothing, whether the provider behind it acted or not.
        case gateway, gatewayTooEarly
        /// Everything went well, but a page comes back.
        case garbled
        case well
    }

    func send(
        _ request: OutboundRequest, from worker: Worker, _ reply: @escaping (Input) -> Void
    ) {
        count += 1
        let exchange = Exchange(count, request, from: worker)
        let fate = throwFate()
        world.note(worker.name) { "sends \(exchange.number): \(exchange.summary) [\(fate)]" }
        world.ledger.sent(exchange)
        let finish: (Input) -> Void = { [unowned self] input in end(exchange, input, reply) }
        world.after(request.timeout) { finish(Self.failure(.timeout, sent: true)) }
        let (there, back) = delays(request.timeout)
        world.after(there) { [unowned self] in
            guard let answer = arrive(exchange, fate) else { return }
            world.after(back) { finish(answer) }
        }
    }

    // MARK: On the way

    /// - Returns: what comes back, if anything.
    private func arrive(_ exchange: Exchange, _ fate: Fate) -> Input? {
        defer { exchange.hasArrived = true }
        switch fate {
        case .unreachable: return Self.failure(.connect, sent: false)
        case .requestLost: return nil
        case .requestCut: return Self.failure(.cut, sent: true)
        case .overloaded: return Self.page(world.dice.pick([500, 503, 429]))
        case .rejected:
            return .response(IdentityProvider.rejection)
        case .gatewayTooEarly: return Self.page(world.dice.pick([502, 504]))
        case .answerLost, .answerCut, .gateway, .garbled, .well: break
        }
        let answer = world.provider.answer(exchange)
        switch fate {
        case .answerLost: return nil
        case .answerCut: return Self.failure(.cut, sent: true)
        case .gateway: return Self.page(world.dice.pick([502, 504]))
        case .garbled: return Self.page(200)
        default: return .response(answer)
        }
    }

    private func end(_ exchange: Exchange, _ input: Input, _ reply: (Input) -> Void) {
        guard !exchange.isOver else { return }
        exchange.isOver = true
        guard exchange.isAwaited else { return }
        world.note(exchange.worker.name) { "hears of \(exchange.number): \(input.summary)" }
        world.ledger.heard(exchange, input)
        reply(input)
    }

    private func throwFate() -> Fate {
        if isDown {
            return world.dice.pick([.unreachable, .unreachable, .requestLost, .overloaded])
        }
        guard world.dice.chance(world.faults.network) else { return .well }
        return world.dice.pick(Fate.allCases)
    }

    /// There and back, in milliseconds; slow ones may be beyond the time-out.
    private func delays(_ timeout: Int64) -> (Int64, Int64) {
        let quick = (world.dice.delay(1, 60), world.dice.delay(1, 60))
        guard world.dice.chance(world.faults.slowAnswers) else { return quick }
        if world.scenario.kind == .herd { return (quick.0, world.dice.between(1_000, 4_000)) }
        let slow = world.dice.between(300, timeout + timeout / 10)
        return world.dice.chance(0.3) ? (slow, quick.1) : (quick.0, slow)
    }

    private static func failure(_ kind: TransportFailure.Kind, sent: Bool) -> Input {
        .noResponse(TransportFailure(kind, mayHaveBeenSent: sent, detail: "simulated"))
    }

    private static func page(_ status: Int) -> Input {
        .response(
            OutboundResponse(
                status: status, headers: [HeaderField("content-type", "text/html")],
                body: Array("<html>".utf8)))
    }
}
