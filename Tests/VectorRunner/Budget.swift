import Glibc

/// What one record may cost: 100 ms and 16 MB beyond what was in use before.
///
/// Time is processor time, since the work never waits and the machine may be busy; what does wait,
/// or never ends, is stopped by an alarm after ten seconds.
struct Budget {
    static let milliseconds = 100.0
    static let bytes = 16 << 20

    private let startTime: Double
    private let startMemory: Int

    init() {
        // What earlier records freed must not hide what this one takes.
        _ = trimHeap(0)
        // Resets the peak of resident memory (proc_pid_clear_refs(5)).
        let file = open("/proc/self/clear_refs", O_WRONLY)
        if file >= 0 {
            _ = write(file, "5", 1)
            close(file)
        }
        startMemory = Self.status("VmRSS:")
        _ = alarm(10)
        startTime = Self.processorTime()
    }

    struct Spent {
        var milliseconds: Double
        var bytes: Int

        /// Nil where the record kept within its means.
        var excess: String? {
            if milliseconds > Budget.milliseconds { return "took \(Int(milliseconds)) ms" }
            if bytes > Budget.bytes { return "took \(bytes >> 20) MB" }
            return nil
        }
    }

    func spent() -> Spent {
        let time = Self.processorTime() - startTime
        _ = alarm(0)
        return Spent(
            milliseconds: time, bytes: max(0, Self.status("VmHWM:") - startMemory))
    }

    private static func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1_000 + Double(time.tv_nsec) / 1_000_000
    }

    /// A line of /proc/self/status, in bytes.
    private static func status(_ name: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
            guard text.hasPrefix(name) else { continue }
            return (text.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
                ?? 0) << 10
        }
        return 0
    }
}

/// `malloc_trim`, which the Glibc module leaves out.
@_silgen_name("malloc_trim")
private func trimHeap(_ kept: Int) -> Int32

/// Names the record in hand when the process is killed by it: a trap in here would have ended the
/// host.
enum CrashNote {
    nonisolated(unsafe) private static let name = UnsafeMutablePointer<CChar>.allocate(
        capacity: 256)

    static func install() {
        for number in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGALRM] {
            signal(number) { number in
                _ = write(1, "FAILED ", 7)
                _ = write(1, CrashNote.name, strlen(CrashNote.name))
                let reason = number == SIGALRM ? ": never came back\n" : ": crashed\n"
                _ = reason.withCString { write(1, $0, strlen($0)) }
                _exit(1)
            }
        }
    }

    static func set(_ id: String) {
        _ = id.withCString { strncpy(name, $0, 255) }
        name[255] = 0
    }
}
