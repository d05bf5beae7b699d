package import Engine
import Synchronization

/// One request of the host's, from its start until the host lets it go.
package final class RequestTicket: Sendable {
    let id: RequestID
    /// The host's own word for it; handed back, never looked at.
    package let hostData: UInt

    /// Where it stands on the ``RequestBoard``.
    enum Place: Hashable, Sendable {
        /// Inside ``EngineDriver/start(_:_:)``, or decided there.
        case starting
        /// Undecided; ``EngineDriver/next()`` will return it.
        case parked
        /// Undecided or decided; the host waits for it by itself.
        case awaited
        /// Decided, and not fetched by the host yet.
        case queued
        /// The host has it back, or has cancelled it.
        case gone
    }

    /// Whether it was undecided when its start returned, and so is to be fetched with
    /// ``EngineDriver/next()`` or waited for; stays as it is.  (A decision may be there already.)
    package var isPending: Bool { unsafe hasPended }
    // SAFETY: written before the host has the request.
    nonisolated(unsafe) var hasPended = false

    /// What it asked, for who wants to know why it was decided as it was.
    // SAFETY: written before anyone can decide it.
    nonisolated(unsafe) var subject: Subject?

    // SAFETY: guarded by the lock of the board.
    nonisolated(unsafe) var place = Place.starting
    /// What ``EngineDriver/wait(_:milliseconds:)`` sleeps on; likewise guarded.
    nonisolated(unsafe) var event: Event?

    // SAFETY: written once, before `isDecided`; read only after it.
    private nonisolated(unsafe) var outcome: Settled?
    private let isDecided = Atomic(false)

    init(_ id: RequestID, hostData: UInt) {
        self.id = id
        self.hostData = hostData
    }

    /// The decision, from the moment that there is one.
    package var decision: Decision? { settled?.decision }
    /// The same, to be shared instead of copied.
    package var settled: Settled? { isDecided.load(ordering: .acquiring) ? unsafe outcome : nil }

    /// To be called once.
    func settle(_ decision: Decision) {
        unsafe outcome = Settled(decision)
        isDecided.store(true, ordering: .releasing)
    }
}
