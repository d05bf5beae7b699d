import Configuration
import CurlTransport
import Encodings
import Engine
import HTTPMessages
import Observability

/// What the I/O thread is given to do.
enum IOWork: Sendable {
    case exchange(OutboundRequest)
    /// Small and on this machine: to look at it takes less than to wake a thread for it.
    case file(path: ByteString, setting: ByteString, since: FileMark?)
}

/// The thread of exchanges, timers and watched files.
enum IOThread {
    /// Exchanges at a time; the others wait.
    private static let flightLimit = 64
    private static let waitingLimit = 1_024
    /// Milliseconds after which the thread looks even where nothing is due.
    private static let longestPause: Int64 = 60_000

    static func start(_ room: EngineRoom) throws(RuntimeFailure) -> POSIXThread {
        // libcurl wants its handles made, used and freed on one thread; setting it up may take
        // longer than an engine's start, as it sets up OpenSSL.
        try POSIXThread.start("cloakroom-io") { run(room, CurlTransport()) }
    }

    /// - Parameter transport: nil where libcurl can not be set up: then timers still fire, and
    ///   every exchange fails.
    private static func run(_ room: EngineRoom, _ transport: CurlTransport?) {
        if let transport {
            room.wakers.setTransport(transport.waker)
        } else {
            room.log(.error, "libcurl can not be set up: no provider can be reached")
        }
        // Short at first: whoever posts while the waker is being set may wake nobody.
        var longest: Int64 = 50
        var queue = ExchangeQueue(flightLimit: flightLimit, waitingLimit: waitingLimit)
        while let posted = room.exchanges.takeAll() {
            for (ticket, work) in posted {
                switch work {
                case .exchange(let request):
                    if !queue.add(ticket, request, now: SystemClock.monotonic) {
                        answer(room, ticket, .busy)
                    }
                case .file(let path, let setting, let mark):
                    room.resume(ticket, .file(WatchedFile.read(path, of: setting, since: mark)))
                }
            }
            beginWaiting(room, transport, &queue)
            let pause = room.timers.pause(SystemClock.monotonic, limit: longest)
            longest = longestPause
            if let transport {
                transport.wait(milliseconds: pause)
            } else {
                room.wakers.io.wait(milliseconds: pause)
            }
            for (number, result) in transport?.collect() ?? [] {
                queue.ended()
                answer(room, EffectTicket(number), result)
            }
            while let ticket = room.timers.popDue(SystemClock.monotonic) {
                room.resume(ticket, .fired)
            }
        }
        for ticket in queue.drain() { answer(room, ticket, .shutdown) }
        for (number, result) in transport?.close() ?? [] {
            answer(room, EffectTicket(number), result)
        }
    }

    private static func beginWaiting(
        _ room: EngineRoom, _ transport: CurlTransport?, _ queue: inout ExchangeQueue
    ) {
        while true {
            switch queue.next(SystemClock.monotonic) {
            case .begin(let entry):
                if let transport {
                    transport.submit(entry.ticket.number, entry.request)
                } else {
                    queue.ended()
                    answer(room, entry.ticket, .misuse)
                }
            case .expired(let ticket): answer(room, ticket, .timeout)
            case .nothing: return
            }
        }
    }

    private static func answer(
        _ room: EngineRoom, _ ticket: EffectTicket,
        _ result: Result<OutboundResponse, TransportFailure>
    ) {
        switch result {
        case .success(let response): room.resume(ticket, .response(response))
        case .failure(let failure): room.resume(ticket, .noResponse(failure))
        }
    }

    /// For what never left the queue.
    private static func answer(
        _ room: EngineRoom, _ ticket: EffectTicket, _ kind: TransportFailure.Kind
    ) {
        room.resume(ticket, .noResponse(.unsent(kind)))
    }
}
