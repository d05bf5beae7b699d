import Engine
import Synchronization

/// The time for requests that cost less than to ask for it: looked up anew when the kernel's clock
/// has ticked since, every few milliseconds.
final class TickClock: Sendable {
    private let tick = Atomic<Int64>(.min)
    private let wall = Atomic<Int64>(0)
    private let monotonic = Atomic<Int64>(0)

    /// A mixture of two ticks, where another thread is just looking, is as true as either.
    func now() -> Moment {
        let tick = SystemClock.tick
        guard tick == self.tick.load(ordering: .acquiring) else {
            let now = SystemClock.now()
            wall.store(now.wall, ordering: .relaxed)
            monotonic.store(now.monotonic, ordering: .relaxed)
            self.tick.store(tick, ordering: .releasing)
            return now
        }
        return Moment(
            wall: wall.load(ordering: .relaxed), monotonic: monotonic.load(ordering: .relaxed))
    }
}
