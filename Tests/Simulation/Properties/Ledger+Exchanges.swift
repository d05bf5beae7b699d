import Encodings
import Engine
import HTTPMessages

/// Tokens that a living engine has got.
struct TokenArrival {
    let exchange: Exchange
    let issued: Issued
    /// The session that was refreshed; nil for a login.
    let session: SessionRecord?
    /// The lease under which they were asked for.
    let grant: SessionRecord.Grant?
    let time: Int64
}

// What is promised of the talk with the provider.

extension Ledger {
    func sent(_ exchange: Exchange) {
        switch exchange.purpose {
        case .refresh(let token): present(token, exchange)
        case .revocation(let token): revoked.insert(token)
        case .metadata, .keys: checkPause(exchange)
        case .code: break
        }
    }

    private func present(_ token: ByteString, _ exchange: Exchange) {
        guard let record = owners[token].flatMap(session) else {
            return expect(.persisted, false) { "\(token) is presented and was never stored" }
        }
        flying.removeAll { $0.isOver || !$0.isAwaited && $0.hasArrived }
        let others = flying.filter {
            if case .refresh(let other) = $0.purpose { owners[other] == record.key } else { false }
        }
        expect(.oneUnderWay, others.isEmpty) {
            "\(token) is presented while exchange \(others.first?.number ?? 0) is under way"
        }
        flying.append(exchange)
        checkAgain(token, record)
        let own = record.grants.last { $0.owner === exchange.worker && $0.ownerLives }
        if let grant = own {
            grant.exchange = exchange
            grant.outcome = .pending
        } else {
            expect(.oneUnderWay, false) { "\(token) is presented without a lease" }
        }
        if herd?.key == record.key { herd?.refreshes += 1 }
    }

    private func checkAgain(_ token: ByteString, _ record: SessionRecord) {
        var unknown = 0
        for grant in record.grants {
            guard grant.exchange != nil, grant.outcome != .clean else { continue }
            unknown += 1
            expect(.presentedTwice, isDoubtful(grant)) {
                "\(token) is presented again, though its outcome is known: \(grant.outcome)"
            }
        }
        expect(.presentedTwice, unknown < (world.scenario.presentsAgain ? 2 : 1)) {
            "\(token) is presented after \(unknown) unknown outcomes"
        }
    }

    private func checkPause(_ exchange: Exchange) {
        let count = count(&fetchTimes[exchange.worker.index, default: []], within: 1_000)
        expect(.calm, count <= 12) {
            "\(exchange.worker.name) fetches \(count) documents within a second"
        }
    }

    private func noteMetadata(_ exchange: Exchange, _ input: Input) {
        let worker = exchange.worker
        guard case .metadata = exchange.purpose, Self.outcome(exchange, input) == .rotated,
            introductions[worker.index]?.life != worker.life
        else { return }
        introductions[worker.index] = (worker.life, world.time)
    }

    private func checkFailures(_ exchange: Exchange, _ input: Input) {
        if case .response(let response) = input, response.status == 200 { return }
        let count = count(&failureTimes[exchange.worker.index, default: []], within: 10_000)
        expect(.calm, count <= 14) {
            "\(exchange.worker.name) fails to fetch \(count) documents within ten seconds"
        }
    }

    private func count(_ times: inout [Int64], within span: Int64) -> Int {
        times.removeAll { $0 <= world.time - span }
        times.append(world.time)
        return times.count
    }

    /// At the provider: a refresh token has just been taken for new ones.
    func rotated(_ exchange: Exchange) {
        guard case .refresh(let token) = exchange.purpose else { return }
        if let earlier = rotations[token] {
            // One that was given up may still arrive late: that is no race of ours.
            let wasGivenUp = [earlier, exchange].contains { $0.isOver || !$0.isAwaited }
            expect(.noRace, wasGivenUp) {
                "exchanges \(earlier.number) and \(exchange.number) both rotate \(token)"
            }
        }
        rotations[token] = exchange
    }

    // MARK: Answers

    /// A living engine gets the answer.
    func heard(_ exchange: Exchange, _ input: Input) {
        switch exchange.purpose {
        case .metadata, .keys:
            noteMetadata(exchange, input)
            return checkFailures(exchange, input)
        case .code, .refresh, .revocation: break
        }
        let outcome = Self.outcome(exchange, input)
        var record: SessionRecord?
        if case .refresh(let token) = exchange.purpose {
            record = owners[token].flatMap(session)
            record?.grant(of: exchange)?.outcome = outcome
            if outcome == .refused { record?.isRefused = true }
        }
        guard outcome == .rotated, let issued = exchange.issued else { return }
        if issued.isStray {
            strayTokens.insert(issued.access)
            record?.hasStrayed = true
        }
        if let record, record.isUnverified, !issued.hasIDToken { record.isUnproven = true }
        arrivals.append(
            TokenArrival(
                exchange: exchange, issued: issued, session: record,
                grant: record?.grant(of: exchange), time: world.time))
    }

    private static func outcome(_ exchange: Exchange, _ input: Input) -> SessionRecord.Outcome {
        switch input {
        case .noResponse(let failure): failure.mayHaveBeenSent ? .unknown : .clean
        // An answer that is what was asked for: of the token endpoint, new tokens.
        case .response(let response) where response.status == 200:
            response.headers.only("content-type") == "application/json" ? .rotated : .unknown
        case .response(let response) where response.body == IdentityProvider.refusal.body: .refused
        case .response(let response) where [502, 504].contains(response.status): .unknown
        default: .clean
        }
    }
}
