import Engine
import Glibc

/// The clocks of the machine.
enum SystemClock {
    static func now() -> Moment { Moment(wall: read(CLOCK_REALTIME).seconds, monotonic: monotonic) }

    /// Milliseconds; counts on while the machine sleeps, so that what has aged meanwhile is old.
    static var monotonic: Int64 {
        let (seconds, nanoseconds) = read(CLOCK_BOOTTIME)
        return seconds &* 1_000 &+ nanoseconds / 1_000_000
    }

    /// A number that changes every few milliseconds, at a small part of the other clocks' price.
    static var tick: Int64 {
        let (seconds, nanoseconds) = read(CLOCK_MONOTONIC_COARSE)
        return seconds &* 1_000_000_000 &+ nanoseconds
    }

    private static func read(_ clock: clockid_t) -> (seconds: Int64, nanoseconds: Int64) {
        var time = timespec()
        // SAFETY: writes one timespec.
        unsafe clock_gettime(clock, &time)
        return (Int64(time.tv_sec), Int64(time.tv_nsec))
    }
}
