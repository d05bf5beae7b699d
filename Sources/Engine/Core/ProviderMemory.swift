import Configuration
import Encodings
package import JOSE
package import OAuth
package import Sessions

/// What is known of a provider.  Times are monotonic milliseconds.
package struct ProviderMemory: Sendable {
    package var metadata: ProviderMetadata?
    package var keys: KeySet?
    /// As they came; nil where the keys are of a file.
    package var record: ProviderRecord?
    /// Of the file that the keys are of: what was read last, good or not.
    var fileMark: FileMark?
    /// What is wrong with it, as the operator was told.
    var fileComplaint: ByteString?
    /// Raised with each new key set: verdicts of an older one are not believed.
    package var keyGeneration: UInt64 = 0
    /// To be fetched anew from then on.
    package var keysStale: Int64 = 0
    /// No longer to be believed from then on.
    package var keysDead: Int64 = 0
    package var unknownKeyNotBefore: Int64 = 0
    package var isFetching = false
    package var trouble = Trouble()
    /// Of the token endpoint: one sick provider is not asked by every request.
    package var tokenTrouble = Trouble()

    package init() {}

    package func isStale(_ now: Moment) -> Bool { now.monotonic >= keysStale }
    package func usableKeys(_ now: Moment) -> KeySet? {
        now.monotonic < keysDead ? keys : nil
    }
}

/// Something that failed, and when it may be tried again.
package struct Trouble: Hashable, Sendable {
    package private(set) var failures = 0
    /// Monotonic milliseconds.
    package private(set) var notBefore: Int64 = 0

    package init() {}

    /// Doubles the pause, from `first` to `last` milliseconds; `spread` (0..<1024) shortens it by
    /// up to a quarter, so that many engines do not come back at the same moment.
    package mutating func fail(_ now: Moment, first: Int64, last: Int64, spread: UInt64) {
        failures = min(failures + 1, 20)
        let pause = min(last, first << min(failures - 1, 20))
        notBefore = now.monotonic + pause - pause / 4 * Int64(spread % 1_024) / 1_024
    }
    package func isOver(_ now: Moment) -> Bool { now.monotonic >= notBefore }
}
