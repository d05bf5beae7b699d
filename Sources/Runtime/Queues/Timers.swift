import Engine
import Locks

/// The timers of an engine: set by any thread, fired by one.
///
/// That thread sleeps until the earliest.  It is woken only for a timer that is earlier still,
/// which the patience of parked requests, all alike, hardly ever is.
final class Timers: Sendable {
    private struct Contents {
        var queue = TimerQueue()
        /// When the thread looks again by itself.
        var nextLook = Int64.min
    }

    private let contents = Locked(Contents())
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func add(_ ticket: EffectTicket, at time: Int64) {
        let isEarlier = contents.withLock { contents in
            contents.queue.add(ticket, at: time)
            return time < contents.nextLook
        }
        if isEarlier { wake() }
    }

    /// - Returns: milliseconds that may pass until the next look, at most `limit`.
    func pause(_ now: Int64, limit: Int64) -> Int64 {
        contents.withLock { contents in
            let end = now &+ limit
            contents.nextLook = max(min(contents.queue.earliest ?? end, end), now)
            return contents.nextLook &- now
        }
    }

    func popDue(_ now: Int64) -> EffectTicket? { contents.withLock { $0.queue.popDue(now) } }
}
