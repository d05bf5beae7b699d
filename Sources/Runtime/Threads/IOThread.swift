import CurlTransport
import Engine
import HTTPMessages
import Synchronization

/// The thread of exchanges and timers.
enum IOThread {
    /// Exchanges at a time; the others wait.
    private static let flightLimit = 64
    private static let waitingLimit = 1_024
    /// Milliseconds after which the thread looks even where nothing is due.
    private static let longestPause: Int64 = 60_000

    private final class Readiness: Sendable {
        let event = Event()
        let isUsable = Atomic(false)
    }

    /// Starts the thread and waits until it can exchange anything: a few milliseconds.
    static func start(_ room: EngineRoom) throws(RuntimeFailure) -> POSIXThread {
        let readiness = Readiness()
        let thread = try POSIXThread.start("cloakroom-io") {
            // libcurl wants its handles made, used and freed on one thread.
            let transport = CurlTransport()
            if let transport { room.wakers.setTransport(transport.waker) }
            readiness.isUsable.store(transport != nil, ordering: .releasing)
            readiness.event.happen()
            if let transport { run(room, transport) }
        }
        while !readiness.event.wait(milliseconds: 60_000) {}
        guard readiness.isUsable.load(ordering: .acquiring) else {
            thread.join()
            throw .transport
        }
        return thread
    }

    private static func run(_ room: EngineRoom, _ transport: CurlTransport) {
        var queue = ExchangeQueue(flightLimit: flightLimit, waitingLimit: waitingLimit)
        while let posted = room.exchanges.takeAll() {
            for (ticket, request) in posted
            where !queue.add(ticket, request, now: SystemClock.monotonic) {
                answer(room, ticket, .busy)
            }
            beginWaiting(room, transport, &queue)
            transport.wait(
                milliseconds: room.timers.pause(SystemClock.monotonic, limit: longestPause))
            for (number, result) in transport.collect() {
                queue.ended()
                answer(room, Ticket(number), result)
            }
            while let ticket = room.timers.popDue(SystemClock.monotonic) {
                room.resume(ticket, .fired)
            }
        }
        for ticket in queue.drain() { answer(room, ticket, .shutdown) }
        for (number, result) in transport.close() { answer(room, Ticket(number), result) }
    }

    private static func beginWaiting(
        _ room: EngineRoom, _ transport: CurlTransport, _ queue: inout ExchangeQueue
    ) {
        while true {
            switch queue.next(SystemClock.monotonic) {
            case .begin(let entry): transport.submit(entry.ticket.number, entry.request)
            case .expired(let ticket): answer(room, ticket, .timeout)
            case .nothing: return
            }
        }
    }

    private static func answer(
        _ room: EngineRoom, _ ticket: Ticket, _ result: Result<OutboundResponse, TransportFailure>
    ) {
        switch result {
        case .success(let response): room.resume(ticket, .response(response))
        case .failure(let failure): room.resume(ticket, .noResponse(failure))
        }
    }

    /// For what never left the queue.
    private static func answer(
        _ room: EngineRoom, _ ticket: Ticket, _ kind: TransportFailure.Kind
    ) {
        room.resume(ticket, .noResponse(.unsent(kind)))
    }
}
