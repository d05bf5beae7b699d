import Encodings
import Sessions

// What is promised of the store's rows.

extension Ledger {
    /// Called when a command has been carried out, before anyone hears of it.
    func stored(_ command: StoreCommand, _ reply: StoreReply, by worker: Worker) {
        checkNoReturn(command, reply)
        switch (command, reply) {
        case (.create(let row, let replaced), .done):
            if let record = replaced.flatMap(session) { end(record) }
            if let record = open(row) { note(row, record) }
        case (.commitRefresh(let key, _, _, _), .done):
            guard let record = session(key), let row = world.store.row(key) else { return }
            record.grants = []
            note(row, record)
        case (.touch(let key, let idleExpiry), .done):
            guard let record = session(key) else { return }
            if record.expiry <= world.latestWall { record.lapsedStep = world.step }
            record.idleExpiry = max(record.idleExpiry, idleExpiry)
        case (.beginRefresh(let key, _, _, let length, _, _), .granted(let lease, _, _)):
            guard let record = session(key) else { return }
            for grant in record.grants where grant.end <= world.time { grant.isOvertaken = true }
            record.grants.append(
                SessionRecord.Grant(worker, epoch: lease.epoch, end: world.time + length))
        case (.abandonRefresh(let key, let epoch, wasPresented: false), .done):
            session(key)?.grants.removeAll { $0.epoch == epoch }
        case (.refuseRefresh(let key, _), .done):
            guard let record = session(key) else { return }
            expect(.clearEnd, record.isForfeit) {
                "\(key.summary) ends as refused, but the provider has not refused it"
            }
            end(record)
        case (.end(let key), .ended):
            guard let record = session(key) else { return }
            expect(.clearEnd, record.logoutAsked || record.hasStrayed) {
                "\(key.summary) ends, but nobody has logged out"
            }
            logouts.append(
                Logout(record: record, worker: worker, life: worker.life, time: world.time))
            end(record)
        case (.keep(_, let sealed, _), .done): noteKept(sealed)
        case (.sweep, .swept(let count)) where count > 0: checkSwept()
        default: break
        }
    }

    /// The engine that asked will not know that this was done.
    func unheard(_ command: StoreCommand, _ reply: StoreReply) {
        switch (command, reply) {
        case (.beginRefresh(let key, _, _, _, _, _), .granted):
            session(key)?.grants.last?.isUnheard = true
        case (.end(let key), .ended): logouts.removeAll { $0.record.key == key }
        default: break
        }
    }

    private func end(_ record: SessionRecord) {
        guard record.endedStep == nil else { return }
        record.endedStep = world.step
    }

    private func note(_ row: SessionRow, _ record: SessionRecord) {
        guard
            let contents = SessionSeal.open(
                row.sealed, ticket: record.ticket, generation: row.generation, ring: Settings.ring)
        else {
            return expect(.persisted, false) { "\(row.key.summary) is stored and does not open" }
        }
        let access = contents.accessToken.reveal()
        record.generation = row.generation
        record.storedSteps.append(world.step)
        record.accessExpiry = contents.accessExpiry
        record.absoluteExpiry = row.absoluteExpiry
        record.isUnverified = contents.isUnverified
        record.refreshToken = contents.refreshToken?.reveal() ?? ""
        storedTokens[access] = (row.key, row.generation)
        owners[record.refreshToken] = row.key
    }

    private func checkNoReturn(_ command: StoreCommand, _ reply: StoreReply) {
        let key: RowKey
        switch (command, reply) {
        case (.read(let read, _), .row): key = read
        case (.beginRefresh(let leased, _, _, _, _, _), .granted): key = leased
        case (.commitRefresh(let committed, _, _, _), .done): key = committed
        default: return
        }
        expect(.noReturn, session(key).map { $0.endedStep == nil } ?? true) {
            "\(key.summary) has ended and is there again"
        }
    }

    private func checkSwept() {
        for record in sessions where record.endedStep == nil {
            guard world.store.row(record.key) == nil else { continue }
            expect(.clearEnd, record.expiry <= world.latestWall) {
                "\(record.key.summary) is swept away before its time"
            }
            end(record)
        }
    }
}
