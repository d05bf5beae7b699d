import Encodings
import Engine
import Sessions

// What is promised to programs with good tokens.

extension Ledger {
    func began(_ call: Call) { calls[call.number] = call }

    func answered(_ call: Call, _ decision: Decision) {
        world.note("program") { "call \(call.number): \(decision.summary)" }
        // What the provider has withdrawn meanwhile is not good any more.
        guard world.provider.publishes(call.keyID) else { return }
        if call.isKeyKnown, case .respond(let status, _) = decision.outcome {
            expect(.goodToken, status == 503) {
                "call \(call.number) with \(call.keyID) gets \(status) (\(decision.reason))"
            }
        }
        let faults = world.scenario.faults
        guard call.isKeyKept, faults.sparesStore, faults.clockJump == 0, faults.randomOneIn == 0
        else { return }
        expect(.keysLast, decision.outcome == .forward) {
            "call \(call.number) gets \(decision.reason), though \(call.keyID) was kept"
        }
        let waited = world.time - call.startedAt
        expect(.keysLast, waited <= 8 * world.scenario.storeDelay + 40) {
            "call \(call.number) waited \(waited) ms, though \(call.keyID) was kept"
        }
    }

    /// The keys of documents that have just been kept.  An answer may have been long on its way:
    /// only what surely was fetched after a key had come is fresher than all that lack it.
    func noteKept(_ sealed: [UInt8]) {
        let purpose = ProviderRecord.Purpose(issuer: Settings.issuer, keySetURL: "")
        guard let record = ProviderRecord.open(sealed, for: purpose, Settings.ring) else {
            return expect(.keysLast, false) { "what is kept does not open" }
        }
        let text = ByteString(record.keys).string
        for (keyID, since) in world.provider.keyTimes
        where text.contains("\"\(keyID)\"") && since < world.time - 6_000 {
            keptKeys[keyID] = min(keptKeys[keyID] ?? .max, world.time)
        }
    }
}
