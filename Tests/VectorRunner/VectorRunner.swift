import Foundation

/// Runs test vectors: `VectorRunner FILE...`.
///
/// Every record is run, none is left out; each failure is named.  Exit status 0 only when all
/// passed, 2 when a file can not be read.
@main
struct VectorRunner {
    private var passed = 0
    private var failed = 0
    private var slowest = (milliseconds: 0.0, name: "")
    private var largest = (bytes: 0, name: "")

    static func main() {
        let paths = CommandLine.arguments.dropFirst()
        guard !paths.isEmpty else {
            print("usage: VectorRunner FILE...   (JSON lines; see Tests/Vectors/README.md)")
            exit(2)
        }
        CrashNote.install()
        var runner = VectorRunner()
        for path in paths { runner.run(file: path) }
        exit(runner.finish())
    }

    private mutating func run(file path: String) {
        guard let data = FileManager.default.contents(atPath: path) else {
            print("VectorRunner: can not read \(path)")
            exit(2)
        }
        let before = (passed, failed)
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        for (index, line) in lines.enumerated() {
            if let record = VectorRecord(line: String(line)) {
                run(record)
            } else {
                fail("\(path):\(index + 1)", "no record")
            }
        }
        print("\(path): \(passed - before.0) passed, \(failed - before.1) failed")
        fflush(nil)
    }

    private mutating func run(_ record: VectorRecord) {
        CrashNote.set(record.id)
        let budget = Budget()
        let outcome = record.run()
        let spent = budget.spent()
        if spent.milliseconds > slowest.milliseconds { slowest = (spent.milliseconds, record.id) }
        if spent.bytes > largest.bytes { largest = (spent.bytes, record.id) }
        if let excess = spent.excess { return fail(record.id, excess) }
        switch (record.verdict, outcome) {
        case (_, .unusable(let reason)): fail(record.id, "unusable record: \(reason)")
        case (_, .wrong(let reason)): fail(record.id, "accepted with \(reason)")
        case (.refuse, .accepted): fail(record.id, "accepted, must be refused")
        case (.accept, .refused(let reason)):
            fail(record.id, "refused (\(reason)), must be accepted")
        default: passed += 1
        }
    }

    private mutating func fail(_ name: String, _ reason: String) {
        failed += 1
        print("FAILED \(name): \(reason)")
        // Before the next record has a chance to crash.
        fflush(nil)
    }

    private func finish() -> Int32 {
        print("slowest: \(Int(slowest.milliseconds.rounded(.up))) ms (\(slowest.name))")
        print("largest: \(largest.bytes >> 10) KiB (\(largest.name))")
        print("\(passed) passed, \(failed) failed")
        return failed == 0 && passed > 0 ? 0 : 1
    }
}
