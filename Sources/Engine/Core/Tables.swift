import Configuration
package import Encodings
package import JOSE
package import OAuth
package import Sessions

/// What an engine remembers.  Everything in here can be lost without harm.
package struct Tables: Sendable {
    package var providers: [ByteString: ProviderMemory] = [:]
    package var sessions = GenerationalCache<RowKey, RememberedSession>(capacity: 20_000)
    package var refreshTroubles = GenerationalCache<RowKey, Trouble>(capacity: 20_000)
    /// Raised whenever any provider gets a new key set.
    var keyEpoch: UInt64 = 0
    var answers = RecallTable<RememberedAnswer>(capacity: 20_000)
    var tokens: RecallTable<RememberedToken>
    /// By the policy's ``Guarded``.
    var directChecks: [ObjectIdentifier: DirectCheck] = [:]
    package var revocations: UInt64 = 0
    var refusalLog = RefusalLog()

    init(_ configuration: Configuration) {
        tokens = RecallTable(capacity: configuration.tokenCacheSize)
    }
}

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

/// What a worker remembers of a session: access token and claims, never a refresh or ID token.
package struct RememberedSession: Sendable {
    package var provider: ByteString
    package var generation: UInt64
    package var accessToken: Secret
    /// Wall clock, seconds.
    package var accessExpiry: Int64
    package var refreshFrom: Int64
    package var idleExpiry: Int64
    package var absoluteExpiry: Int64
    package var canRefresh: Bool
    /// False where nobody can vouch any more for the ID token of the latest refresh: its key was
    /// withdrawn before the check was made.  Only another refresh helps; nothing is forwarded.
    package var isProven: Bool
    package var claims: ClaimsSet
    /// Shown by the `session` endpoint, demanded back by `logout`.
    package var csrf: ByteString
    package var stamp: UInt64
    /// Monotonic: not believed from then on.
    package var staleFrom: Int64

    /// True while memory may stand for the store.  It never does for an end: another worker may
    /// have extended the idle time, which moves no stamp.
    package func isBelievable(_ stamp: UInt64, _ now: Moment) -> Bool {
        stamp == self.stamp && stamp & 1 == 0 && now.monotonic < staleFrom && !isOver(now)
    }
    package func isOver(_ now: Moment) -> Bool {
        now.wall >= idleExpiry || now.wall >= absoluteExpiry
    }
    /// The row is there, but nothing will be forwarded for it any more.
    func needsSignIn(_ now: Moment) -> Bool {
        !canRefresh && (!isProven || now.wall >= accessExpiry)
    }
}
