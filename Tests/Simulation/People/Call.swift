import Encodings
import Engine
import HTTPMessages

/// One request of a program that has a good access token of its own.
final class Call {
    let number: UInt64
    let keyID: ByteString
    unowned let worker: Worker
    let startedAt: Int64
    /// The key is not so new that an engine may not have heard of it.
    let isKeyKnown: Bool
    /// The key has been kept for so long that every engine finds it.
    let isKeyKept: Bool

    private init(_ keyID: ByteString, _ worker: Worker, _ world: World) {
        number = world.ledger.nextRequest()
        self.keyID = keyID
        self.worker = worker
        startedAt = world.time
        isKeyKnown = (world.provider.keyTimes[keyID] ?? .max) < world.time - 12_000
        isKeyKept = world.ledger.keptKeys[keyID].map { $0 < world.time - 15_000 } ?? false
    }

    static func make(_ world: World) {
        guard let (token, keyID) = world.provider.accessToken() else { return }
        let call = Call(keyID, world.dice.pick(world.workers), world)
        var head = RequestHead(method: "GET", target: "/api", policy: "api")
        let name: ByteString = "authorization"
        let value: ByteString = "Bearer " + token
        head.note(name: name.span, value: value.span)
        world.note("program") { "call \(call.number) with \(keyID) on \(call.worker.name)" }
        call.worker.take(call, head)
    }
}
