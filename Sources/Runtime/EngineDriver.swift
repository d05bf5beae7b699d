package import Configuration
import Cryptography
package import Encodings
package import Engine
package import HTTPMessages
package import Observability
import Synchronization

/// A running engine: takes requests from the host, performs what the engine asks of the world on
/// threads of its own, and has the decisions fetched.
///
/// Nothing exists before ``init(_:wantsLog:)``, neither thread nor descriptor nor libcurl; nothing
/// is left after ``stop()``.  Only `init`, ``wait(_:milliseconds:)`` and ``stop()`` may wait.
package final class EngineDriver: Sendable {
    private let room: EngineRoom
    private let threads: (io: POSIXThread, store: POSIXThread?)
    private let lastRequest = Atomic<UInt64>(0)
    private let isStopped = Atomic(false)

    /// Starts the threads; a few milliseconds.  The store is opened and key sets are fetched by
    /// them: requests meanwhile are parked.
    /// - Parameter wantsLog: false: log lines are thrown away.
    package init(_ configuration: Configuration, wantsLog: Bool) throws(RuntimeFailure) {
        guard let bytes = SystemRandom().bytes(8) else { throw .randomness }
        let owner = bytes.reduce(0) { $0 << 8 | UInt64($1) }
        room = try EngineRoom(configuration, owner: owner, wantsLog: wantsLog)
        let io = try IOThread.start(room)
        do throws(RuntimeFailure) {
            var store: POSIXThread?
            if let location = configuration.store {
                store = try StoreThread.start(room, location)
            }
            threads = (io, store)
        } catch {
            room.exchanges.close()
            io.join()
            throw error
        }
        room.begin()
    }

    package var configuration: Configuration { room.configuration }

    /// Readable while ``next()`` or ``takeLogLines()`` has something; only to be polled.
    package var descriptor: Int32 { room.board.descriptor }

    /// The answer to an equal request of a moment ago, where it is still good; or that to a plain
    /// token, which is then checked at once.  Then the request is decided, and there is nothing to
    /// start.
    /// - Parameters:
    ///   - field: what `recall` was made of.
    ///   - mayProve: false: a token that is not known takes the full look.
    package func recall(
        _ recall: Recall, in field: Span<UInt8>, _ guarded: Guarded, mayProve: Bool
    ) -> Recalled? {
        guard !isStopped.load(ordering: .relaxed) else { return nil }
        return room.recall(recall, in: field, guarded, mayProve: mayProve)
    }

    /// A ticket to start a request with.  On its own, since another thread may fetch the request
    /// before ``start(_:_:)`` has returned: by then the host must know the ticket.
    package func makeTicket(hostData: UInt) -> RequestTicket {
        let number = lastRequest.wrappingAdd(1, ordering: .relaxed).newValue
        return RequestTicket(RequestID(number), hostData: hostData)
    }

    /// Has a request decided: at once, or it is pending and ``next()`` will return it.
    /// - Parameter request: new, from ``makeTicket(hostData:)``.
    package func start(
        _ request: RequestTicket, _ head: RequestHead
    ) throws(RuntimeFailure) {
        guard !isStopped.load(ordering: .relaxed) else { throw .stopped }
        try room.start(request, head)
    }

    /// The next request that got its decision, each once; nil where there is none: then the
    /// descriptor tells when to ask again.  Log lines are to be taken after it.
    package func next() -> RequestTicket? { room.board.next() }

    /// Sleeps until the request is decided or the time has passed.  From the first call on,
    /// ``next()`` does not return this request.
    /// - Returns: whether it is decided.
    package func wait(_ request: RequestTicket, milliseconds: Int64) -> Bool {
        if let event = room.board.reserve(request) { event.wait(milliseconds: milliseconds) }
        return request.decision != nil
    }

    /// The host has no more interest: ``next()`` does not return the request, and a decision that
    /// is still to come is dropped.  What the request has begun goes on.
    package func cancel(_ request: RequestTicket) { room.cancel(request) }

    /// The chain of checks behind a request's decision, in one line for people, without secrets;
    /// empty where it was never started.  Worked out now: as much work as the checks themselves.
    package func explain(_ request: RequestTicket) -> ByteString {
        room.explain(unsafe request.subject, request.decision) ?? ""
    }

    /// As ``explain(_:)``, of an answer that was proven.
    package func explain(proven answer: Settled) -> ByteString {
        room.explain(answer.subject, answer.decision) ?? ""
    }

    /// Whether there are log lines to take, or there were a moment ago.
    package var hasLogLines: Bool { room.board.hasNews }

    /// Log lines since the last call, also after ``stop()``.
    package func takeLogLines() -> [LogLine] { room.board.takeLines() }

    /// Ends the engine in order: nothing new is begun; token answers already asked for are waited
    /// for and stored, up to the configuration's `shutdownTimeout`; then exchanges are cut, the
    /// store does what it was asked to, and the threads end.  Parked requests stay undecided.
    ///
    /// A store that another process keeps locked gets ``storeGrace`` for that; what it has begun by
    /// then may take SQLite's five seconds more.
    package func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        room.beginStopping()
        let deadline = SystemClock.monotonic &+ room.configuration.shutdownTimeout
        awaitTokenAnswers(until: deadline)
        // A token request may have gone out between the last look and now: it counts too.
        room.exchanges.refuse()
        awaitTokenAnswers(until: deadline)
        room.board.close()
        room.exchanges.close()
        threads.io.join()
        // After the exchanges: what they left behind, a lease above all, is still given back.
        room.storeDeadline.store(
            SystemClock.monotonic &+ Self.storeGrace, ordering: .relaxed)
        room.commands.finish()
        threads.store?.join()
    }

    /// Milliseconds for what the store is still asked to do when all exchanges have ended.
    private static let storeGrace: Int64 = 2_000

    private func awaitTokenAnswers(until deadline: Int64) {
        while room.awaitsTokenAnswers {
            let left = deadline &- SystemClock.monotonic
            guard left > 0 else { return }
            room.progress.wait(milliseconds: left)
        }
    }

    deinit { stop() }
}

/// The answer to a request that needed no start.
package struct Recalled {
    package let answer: Settled
    /// A token was checked for it; else it is that of an equal request.
    package let isProven: Bool
}
