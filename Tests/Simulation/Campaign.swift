import Glibc

/// Lives through many worlds and tells how it went.
struct Campaign {
    /// A broken part must be noticed within so many worlds.
    static let noticeLimit = 300
    private static let seeds = 2_000
    private static let toldLines = 80

    let options: Options
    private let clock = ContinuousClock()
    private(set) var passed = 0
    private(set) var failed = 0

    init(_ options: Options) { self.options = options }

    /// - Returns: the exit status.
    mutating func run() -> Int32 {
        if let seed = options.told { return tell(seed) }
        if let part = options.broken {
            runBroken(part, seeds: options.seeds ?? Self.noticeLimit, from: options.from)
        } else {
            runAll(options.seeds ?? Self.seeds)
            for part in BrokenPart.allCases {
                runBroken(part, seeds: Self.noticeLimit, from: options.from)
            }
        }
        print("\(passed) passed, \(failed) failed")
        return failed == 0 ? 0 : 1
    }

    private mutating func runAll(_ seeds: Int) {
        let began = clock.now
        var lastSaid = began
        for index in 0..<seeds {
            let seed = options.from &+ UInt64(index)
            let violations = live(seed, index)
            if violations.isEmpty { passed += 1 } else { fail(seed, violations) }
            if clock.now - lastSaid > .seconds(5) {
                lastSaid = clock.now
                say("\(index + 1) of \(seeds) worlds, \(failed) failed")
            }
        }
        let seconds = Self.seconds(clock.now - began)
        say("\(seeds) worlds in \(Int(seconds.rounded())) s, "
            + "\(Int(Double(seeds) / max(seconds, 0.001))) a second")
    }

    /// A few worlds are lived twice, to see that a seed is all there is.
    private func live(_ seed: UInt64, _ index: Int) -> [Violation] {
        guard index % 500 < 2 else {
            return World(seed: seed, breaking: nil, keepsTrace: false).live()
        }
        let (first, second) = (told(seed, nil), told(seed, nil))
        guard first.trace.hash == second.trace.hash else {
            return [Violation(property: .oneDecision, detail: "two lives of one seed differ")]
        }
        return first.violations
    }

    private mutating func fail(_ seed: UInt64, _ violations: [Violation]) {
        failed += 1
        let world = told(seed, nil)
        say("world \(seed) fails:")
        for violation in violations {
            say("  \(violation.property.rawValue) \(violation.property.sentence)")
            say("         \(violation.detail)")
        }
        guard failed <= 3 else { return }
        for line in world.trace.lines.suffix(Self.toldLines) { say(line) }
        say("Once more, from its beginning: Simulation --verbose \(seed)")
    }

    private mutating func runBroken(_ part: BrokenPart, seeds: Int, from: UInt64) {
        var noticed: [Property: Int] = [:]
        var first: (UInt64, Violation)?
        var count = 0
        for index in 0..<seeds {
            let seed = from &+ UInt64(index)
            let world = World(seed: seed, breaking: part, keepsTrace: false)
            guard let violation = world.live().first,
                // What fails anyway says nothing about the broken part.
                World(seed: seed, breaking: nil, keepsTrace: false).live().isEmpty
            else { continue }
            count += 1
            noticed[violation.property, default: 0] += 1
            if first == nil { first = (seed, violation) }
            if options.isWhole { break }
        }
        guard let (seed, violation) = first else {
            failed += 1
            return say("\(part.rawValue): \(part.sentence) is NOT noticed in \(seeds) worlds")
        }
        passed += 1
        say("\(part.rawValue): \(part.sentence) is noticed, first by world \(seed): "
            + "\(violation.property.rawValue) \(violation.detail)")
        guard !options.isWhole else { return }
        let counts = Property.allCases.compactMap { property in
            noticed[property].map { "\(property.rawValue) \($0)" }
        }
        say("  in \(count) of \(seeds) worlds: " + counts.joined(separator: ", "))
    }

    private func tell(_ seed: UInt64) -> Int32 {
        let (trace, violations) = told(seed, options.broken)
        for line in trace.lines { say(line) }
        say("hash \(String(trace.hash, radix: 16))")
        print(violations.isEmpty ? "1 passed, 0 failed" : "0 passed, 1 failed")
        return violations.isEmpty ? 0 : 1
    }

    private func told(
        _ seed: UInt64, _ part: BrokenPart?
    ) -> (trace: Trace, violations: [Violation]) {
        let world = World(seed: seed, breaking: part, keepsTrace: true)
        world.note("world") { "seed \(seed): \(world.scenario)" }
        let violations = world.live()
        return (world.trace, violations)
    }

    /// At once, even where the output is a pipe.
    private func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
