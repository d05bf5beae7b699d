import Configuration
import Encodings
import Engine
import MemoryStore
import Sessions

/// What several workers share: the time, the store and the provider.
final class World {
    private(set) var milliseconds: Int64 = 1_000_000
    let provider = FakeProvider()
    /// The store has kept no documents of the provider.
    var isForgetful = false
    /// What a look at a file finds.
    var files: [ByteString: (FileMark?) -> FileReading] = [:]
    private(set) var store: MemoryStore
    private var benches: [Bench] = []

    private final class Clock { var milliseconds: Int64 = 1_000_000 }
    private let clock = Clock()

    init() {
        let clock = self.clock
        store = MemoryStore { clock.milliseconds }
        provider.world = self
    }

    /// Seconds by which the clock of the day was set forward; back, where it is negative.
    var clockShift: Int64 = 0
    /// Seconds since 1970.
    var wall: Int64 { 1_800_000_000 + milliseconds / 1_000 + clockShift }
    var now: Moment { Moment(wall: wall, monotonic: milliseconds) }

    func add(_ bench: Bench) { benches.append(bench) }

    /// Lets time pass; what was to happen meanwhile happens in order.
    func pass(seconds: Int64 = 0, milliseconds more: Int64 = 0) {
        let end = milliseconds + seconds * 1_000 + more
        while let next = benches.compactMap(\.nextTimer).min(), next <= end {
            set(max(next, milliseconds))
            for bench in benches { bench.fireTimers() }
        }
        set(end)
    }

    private func set(_ time: Int64) {
        milliseconds = time
        clock.milliseconds = time
    }
}
