import Foundation

/// Ends the program where a promise is broken: libFuzzer keeps the input then.
func promise(
    _ holds: Bool, _ sentence: @autoclosure () -> String, line: Int = #line, file: String = #fileID
) {
    guard !holds else { return }
    FileHandle.standardError.write(
        Data("BROKEN PROMISE: \(sentence()) (\(file):\(line))\n".utf8))
    abort()
}

/// What one input may cost, in milliseconds.
enum Stopwatch {
    #if FUZZING_SANITIZED
    static let limit: Double? = 1_000
    #elseif FUZZING
    static let limit: Double? = 100
    #else
    /// A debug build is slow without meaning it.
    static let limit: Double? = nil
    #endif

    static func elapsed() -> Double { read(CLOCK_MONOTONIC) }
    static func processor() -> Double { read(CLOCK_THREAD_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }
}
