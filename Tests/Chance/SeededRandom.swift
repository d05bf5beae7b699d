import Cryptography
import Synchronization

/// The same seed gives the same bytes; nothing at all while it is broken.
package final class SeededRandom: RandomSource {
    private let state: Mutex<(value: UInt64, isBroken: Bool)>

    package init(seed: UInt64) { state = Mutex((seed, false)) }

    package var isBroken: Bool {
        get { state.withLock { $0.isBroken } }
        set { state.withLock { $0.isBroken = newValue } }
    }

    package func bytes(_ count: Int) -> [UInt8]? {
        state.withLock { state in
            guard !state.isBroken else { return nil }
            return (0..<count).map { _ in
                // SplitMix64.
                state.value &+= 0x9E37_79B9_7F4A_7C15
                var word = state.value
                word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
                word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
                return UInt8(truncatingIfNeeded: word >> 56)
            }
        }
    }
}
