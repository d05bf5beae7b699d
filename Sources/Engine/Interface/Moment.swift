/// The time, as an input.
package struct Moment: Hashable, Sendable {
    /// Seconds since 1970 by the wall clock: for the times that tokens and rows name.
    package var wall: Int64
    /// Milliseconds by a clock that never goes back: for time-outs and caches.
    package var monotonic: Int64

    package init(wall: Int64, monotonic: Int64) {
        self.wall = wall
        self.monotonic = monotonic
    }
}
