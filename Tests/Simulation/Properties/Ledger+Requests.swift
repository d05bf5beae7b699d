import Encodings
import Engine
import Sessions

// What is promised to those who ask.

extension Ledger {
    /// By how much timers and jobs of this world may be late, in milliseconds.
    private static let lateness: Int64 = 20

    func began(_ request: Request, on worker: Worker) {
        requests[request.number] = request
        if request.purpose == .logout, let key = request.key { session(key)?.logoutAsked = true }
        request.mustBeQuick = needsNoRefresh(request)
        let limit = patience(request) + Self.lateness
        world.after(limit) { [unowned self] in
            expect(.patience, request.fate != .waiting) {
                "request \(request.number) still waits after \(limit) ms"
            }
        }
    }

    func patience(_ request: Request) -> Int64 {
        request.purpose == .callback
            ? world.scenario.exchangeTimeout + 10_000 : world.scenario.patience
    }

    /// True where only the store can make it wait, and the store works.
    private func needsNoRefresh(_ request: Request) -> Bool {
        guard request.purpose == .page, world.faults.sparesStore, world.faults.crash == 0,
            world.faults.clockJump == 0, let record = request.key.flatMap(session),
            record.endedStep == nil, !record.isUnverified
        else { return false }
        return record.accessExpiry - world.wall > world.scenario.patience / 1_000 + 1
    }

    func decided(_ number: UInt64, _ decision: Decision) {
        if let call = calls.removeValue(forKey: number) { return answered(call, decision) }
        guard let request = requests[number], request.fate == .waiting else {
            let fate = requests[number].map { "\($0.fate)" } ?? "unknown"
            return expect(.oneDecision, false) { "request \(number), \(fate), is decided" }
        }
        request.fate = .decided
        checkWait(request, decision)
        if decision.reason == .sessionShown, let record = request.key.flatMap(session) {
            checkEnded(request, record)
        }
        if decision.reason == .loggedOut, let record = request.key.flatMap(session) {
            let isOver = record.endedStep != nil || record.expiry <= world.latestWall
            expect(.loggedOut, isOver) {
                "request \(request.number) is told of a logout that has not happened"
            }
        }
        if decision.outcome == .forward {
            request.wasServed = true
            checkForward(request, decision)
        }
        checkEnd(request, decision)
        checkCalmAfterwards(request, decision)
        request.person.hear(decision, of: request)
    }

    private func checkWait(_ request: Request, _ decision: Decision) {
        let waited = world.time - request.startedAt
        expect(.patience, waited <= patience(request) + Self.lateness) {
            "request \(request.number) waited \(waited) ms"
        }
        guard request.mustBeQuick else { return }
        // Up to three reads of the store, each there and back.
        expect(.noNeedlessWait, waited <= 6 * world.scenario.storeDelay + Self.lateness) {
            "request \(request.number) waited \(waited) ms, though its token was good"
        }
    }

    // MARK: Who is served

    private func checkForward(_ request: Request, _ decision: Decision) {
        guard let token = decision.bearer else {
            return expect(.persisted, false) { "request \(request.number) goes on with no token" }
        }
        expect(.samePerson, !strayTokens.contains(token)) {
            "request \(request.number) carries \(token), which came with another's ID token"
        }
        guard let (key, generation) = storedTokens[token], key == request.key,
            let record = session(key)
        else {
            return expect(.persisted, false) {
                "request \(request.number) carries \(token), which its session never held"
            }
        }
        checkEnded(request, record)
        let known = record.storedSteps.filter { $0 < request.startedStep }.count
        expect(.newest, generation >= UInt64(known)) {
            "request \(request.number) carries generation \(generation), \(known) was stored"
        }
        expect(.lifetime, world.wall < lastMoment(record)) {
            "request \(request.number) is served at \(world.wall), the session's time was over"
        }
        record.lastServedWall = max(record.lastServedWall, world.wall)
    }

    private func checkEnded(_ request: Request, _ record: SessionRecord) {
        expect(.loggedOut, record.endedStep.map { $0 >= request.startedStep } ?? true) {
            "request \(request.number) is served by a session that had ended before"
        }
    }

    private func lastMoment(_ record: SessionRecord) -> Int64 {
        let used = max(record.idleExpiry, record.lastServedWall + world.scenario.idleTimeout)
        return min(used, record.absoluteExpiry)
    }

    // MARK: Who is told that it is over

    private func checkEnd(_ request: Request, _ decision: Decision) {
        guard request.purpose == .page || request.purpose == .info,
            let record = request.key.flatMap(session), record.endedStep == nil
        else { return }
        switch decision.reason {
        case .sessionUnknown:
            let isOver =
                record.expiry <= world.latestWall || record.lapsedStep >= request.startedStep
            expect(.noFalseEnd, isOver || record.isForfeit) {
                "request \(request.number) is told that \(record.key.summary) is unknown"
            }
        case .refreshOutcomeUnknown:
            let doubts = record.grants.filter(isDoubtful).count
            let limit = world.scenario.presentsAgain ? 2 : 1
            expect(.noFalseEnd, doubts >= limit) {
                "request \(request.number) is led to login after \(doubts) unknown outcomes"
            }
        case .refreshImpossible:
            expect(.noFalseEnd, false) { "request \(request.number): there is a refresh token" }
        default: break
        }
    }

    /// A lease of which nobody can say whether the refresh token was spent under it.
    func isDoubtful(_ grant: SessionRecord.Grant) -> Bool {
        switch grant.outcome {
        case .unknown: true
        case .none where grant.isUnheard: true
        case .none, .clean, .pending, .refused, .rotated:
            !grant.ownerLives || grant.end <= world.time
        }
    }

    // MARK: When nothing goes wrong any more

    private func checkCalmAfterwards(_ request: Request, _ decision: Decision) {
        guard world.time > world.end - 25_000, case .respond(let status, _) = decision.outcome
        else { return }
        expect(.converges, status < 500) {
            "request \(request.number) gets \(status) (\(decision.reason)) long after all is well"
        }
    }
}
