import Cryptography
import Synchronization

/// All chance there is in a simulated world; the same seed throws the same dice (SplitMix64).
final class Dice {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1 }

    func next() -> UInt64 { SplitMix.next(&state) }

    func chance(_ probability: Double) -> Bool {
        probability > 0 && Double(next() >> 11) / Double(1 << 53) < probability
    }

    func between(_ low: Int64, _ high: Int64) -> Int64 {
        low + Int64(next() % UInt64(max(1, high - low + 1)))
    }

    func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }

    /// Mostly short, now and then as long as `high`: waits in the world are like that.
    func delay(_ low: Int64, _ high: Int64) -> Int64 {
        chance(0.8) ? between(low, low + (high - low) / 8) : between(low, high)
    }
}

/// The random bytes that engines get, from a seed; may fail as the system's can.
final class SeededRandom: RandomSource {
    private struct State {
        var stream: UInt64
        var failsOneIn: UInt64 = 0
    }

    private let state: Mutex<State>

    init(seed: UInt64) { state = Mutex(State(stream: seed ^ 0xC0FF_EE00_D15E_A5E5)) }

    /// - Parameter count: 0: never.
    func failOneIn(_ count: UInt64) { state.withLock { $0.failsOneIn = count } }

    func bytes(_ count: Int) -> [UInt8]? {
        state.withLock { state in
            if state.failsOneIn > 0, SplitMix.next(&state.stream) % state.failsOneIn == 0 {
                return nil
            }
            var output: [UInt8] = []
            while output.count < count {
                let word = SplitMix.next(&state.stream)
                output += (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
            }
            return Array(output.prefix(count))
        }
    }
}

private enum SplitMix {
    static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
