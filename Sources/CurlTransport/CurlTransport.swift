import CCurl
import CShims
import Encodings
package import HTTPMessages

/// Exchanges with identity providers over libcurl.
///
/// Made, used and closed on one thread, which it blocks only in ``wait(milliseconds:)``.  Each
/// exchange that is submitted comes back exactly once, from ``collect()`` or ``close()``.
///
/// What it keeps to, whatever is asked: https, or http to this machine where the route admits it;
/// TLS 1.2 or later, verified; no redirect, cookie, netrc file, encoding or proxy of the
/// environment; bounded time, headers and body; the route's address rule on the address that is
/// connected to; no request with a body is sent twice.
/// - Source: RFC 8414 §6.1; RFC 9110 §9.2.2.
package final class CurlTransport {
    private let multi: MultiHandle
    private var exchanges: [UInt64: Exchange] = [:]
    /// Refused before they began.
    private var refused: [Ending] = []

    package typealias Ending = (UInt64, Result<OutboundResponse, TransportFailure>)

    /// Connections in all, to one host, and those kept open while idle.
    private static let connectionLimits = (total: 64, host: 32, idle: 8)

    /// - Returns: nil where libcurl can not be set up.
    package init?() {
        guard let multi = MultiHandle(),
            multi.set(CURLMOPT_MAX_TOTAL_CONNECTIONS, Self.connectionLimits.total),
            multi.set(CURLMOPT_MAX_HOST_CONNECTIONS, Self.connectionLimits.host),
            multi.set(CURLMOPT_MAXCONNECTS, Self.connectionLimits.idle),
            multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
        else { return nil }
        self.multi = multi
    }

    /// Ends ``wait(milliseconds:)`` from any thread.
    package var waker: TransportWaker { multi.waker }

    /// Exchanges that are not collected yet.
    package var count: Int { exchanges.count + refused.count }

    /// Begins an exchange.
    /// - Parameter id: not in use by another exchange that is not collected yet.
    package func submit(_ id: UInt64, _ request: OutboundRequest) {
        do throws(TransportFailure) {
            let exchange = try Exchange(id: id, request)
            guard exchanges[id] == nil, multi.add(exchange.easy) else {
                throw TransportFailure(.misuse, mayHaveBeenSent: false, detail: "not added")
            }
            exchanges[id] = exchange
        } catch {
            refused.append((id, .failure(error)))
        }
    }

    /// Sleeps until something moves, ``TransportWaker/wake()`` is called or the time has passed.
    package func wait(milliseconds: Int64) {
        if refused.isEmpty { multi.wait(milliseconds: Int32(clamping: max(milliseconds, 0))) }
    }

    /// Moves all exchanges on, without waiting, and hands out those that have ended.
    package func collect() -> [Ending] {
        var endings = refused
        refused = []
        let ended = unsafe multi.perform()
        for unsafe (pointer, code) in unsafe ended {
            guard let exchange = unsafe exchange(of: pointer) else { continue }
            multi.remove(exchange.easy)
            exchanges[exchange.id] = nil
            endings.append((exchange.id, exchange.outcome(code)))
        }
        return endings
    }

    private func exchange(of pointer: UnsafeMutableRawPointer) -> Exchange? {
        // SAFETY: compared, never followed.
        exchanges.values.first { unsafe $0.easy.pointer == pointer }
    }

    /// Gives up all exchanges that still run and hands them out.
    package func close() -> [Ending] {
        var endings = refused
        refused = []
        for (id, exchange) in exchanges {
            multi.remove(exchange.easy)
            endings.append((id, .failure(exchange.failureOfShutdown)))
        }
        exchanges = [:]
        return endings
    }

    deinit {
        // Else handles would go while the multi handle still knows them.
        for exchange in exchanges.values { multi.remove(exchange.easy) }
        exchanges = [:]
    }
}
