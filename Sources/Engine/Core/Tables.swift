import Configuration
package import Encodings
package import Sessions

/// What an engine remembers.  Everything in here can be lost without harm.
package struct Tables: Sendable {
    /// By the provider's name.
    package var providers: [ByteString: ProviderMemory] = [:]
    package var sessions = GenerationalCache<RowKey, RememberedSession>(capacity: 20_000)
    /// Sessions whose refresh has failed, and when it may be tried again.
    package var refreshTroubles = GenerationalCache<RowKey, Trouble>(capacity: 20_000)
    /// Raised whenever any provider gets a new key set.
    var keyEpoch: UInt64 = 0
    /// For a ``Recall``, by session cookie and by bearer token.
    var answers = RecallTable<RememberedAnswer>(capacity: 20_000)
    var tokens: RecallTable<RememberedToken>
    /// By the policy's ``Guarded``.
    var directChecks: [ObjectIdentifier: DirectCheck] = [:]
    /// Counts them: each is a flight of its own.
    package var revocations: UInt64 = 0
    var refusalLog = RefusalLog()

    init(_ configuration: Configuration) {
        tokens = RecallTable(capacity: configuration.tokenCacheSize)
    }
}
