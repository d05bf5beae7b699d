/// Keeps a flood of bad tokens from becoming a flood of log lines: anyone can send those, and a
/// full disk is an outage.
///
/// What is left out is counted, and told with the first line after it.
package struct RefusalLog: Sendable {
    /// Lines in a second.
    package static let limit = 100

    /// Monotonic milliseconds: when the running second began.
    private var begin: Int64 = .min
    private var lines = 0
    private var leftOut = 0

    /// - Returns: whether a line may be written now, and how many were not since the last one.
    mutating func admit(_ now: Moment) -> (isAdmitted: Bool, leftOut: Int) {
        if begin == .min || now.monotonic &- begin >= 1_000 { (begin, lines) = (now.monotonic, 0) }
        guard lines < Self.limit else {
            leftOut &+= 1
            return (false, 0)
        }
        lines &+= 1
        defer { leftOut = 0 }
        return (true, leftOut)
    }
}
