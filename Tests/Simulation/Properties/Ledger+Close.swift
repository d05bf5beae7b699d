// What must be true when a world ends well.

extension Ledger {
    func close() {
        for arrival in arrivals { checkArrival(arrival) }
        for logout in logouts { checkLogout(logout) }
        for number in requests.keys.sorted() {
            guard let request = requests[number], request.fate == .waiting else { continue }
            expect(.oneDecision, world.time < request.startedAt + patience(request)) {
                "request \(number) never gets a decision"
            }
        }
        switch world.scenario.kind {
        case .life: checkPeople()
        case .herd: checkHerd()
        }
    }

    private func checkArrival(_ arrival: TokenArrival) {
        // What has just come has its way still before it.
        guard arrival.time < world.time - 10_000, arrival.exchange.isAwaited,
            storedTokens[arrival.issued.access] == nil,
            // Whose lease has run out, because the store was away for so long, can store no more.
            arrival.grant?.isOvertaken != true
        else { return }
        let isRevoked = revoked.contains(arrival.issued.refresh)
        guard let record = arrival.session else {
            return expect(.nothingLost, isRevoked) {
                "\(arrival.issued.access) of a login is neither stored nor revoked"
            }
        }
        if record.endedStep != nil {
            expect(.noReturn, isRevoked) {
                "\(arrival.issued.refresh) came after its session had ended and is not revoked"
            }
        } else {
            expect(.nothingLost, isRevoked || record.expiry <= world.latestWall) {
                "\(arrival.issued.access) has arrived and is not stored"
            }
        }
    }

    private func checkLogout(_ logout: Logout) {
        guard logout.time < world.time - 10_000, logout.worker.isUp,
            logout.worker.life == logout.life,
            // An engine that cannot find out where to revoke gives up after about a minute.
            let (life, time) = introductions[logout.worker.index], life == logout.life,
            time < logout.time + 45_000
        else { return }
        expect(.revoked, revoked.contains(logout.record.refreshToken)) {
            "\(logout.record.refreshToken) outlives the session that was logged out"
        }
    }

    private func checkPeople() {
        for person in world.people {
            expect(.converges, person.servedAt > world.end - 25_000) {
                "\(person.name) was last served at \(Trace.seconds(person.servedAt))"
            }
        }
    }

    private func checkHerd() {
        guard let herd else { return expect(.oneRefresh, false) { "no herd came" } }
        expect(.oneRefresh, herd.refreshes == 1) { "the herd caused \(herd.refreshes) refreshes" }
        let unserved = requests.keys.sorted().filter {
            requests[$0]?.purpose == .page && requests[$0]?.key == herd.key
                && requests[$0]?.fate == .decided
                && requests[$0]?.wasServed == false
        }
        expect(.oneRefresh, unserved.isEmpty) { "\(unserved.count) of the herd were not served" }
    }
}
