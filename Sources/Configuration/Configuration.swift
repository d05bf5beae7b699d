package import Encodings
package import Sessions

/// Everything an operator has decided, checked and ready to use.  Never changes; a reload makes
/// another one.
package struct Configuration: Sendable {
    package var store: StoreLocation?
    /// Present whenever a policy keeps sessions.
    package var keyRing: KeyRing?
    /// Admits plain http on loopback, for issuers and for the public origin.
    package var isDevelopment: Bool
    /// How long an ending engine waits for token answers already asked for, in milliseconds.
    package var shutdownTimeout: Int64
    /// The most bearer tokens that an engine remembers as good; 0: none.
    package var tokenCacheSize: Int
    package var providers: [ByteString: Provider] {
        didSet { guarded = Guarded.all(policies, providers) }
    }
    package var policies: [ByteString: Policy] {
        didSet { guarded = Guarded.all(policies, providers) }
    }
    /// By the policy's name.
    package private(set) var guarded: [ByteString: Guarded]

    package init(
        store: StoreLocation?, keyRing: KeyRing?, isDevelopment: Bool, shutdownTimeout: Int64,
        tokenCacheSize: Int = 10_000,
        providers: [ByteString: Provider], policies: [ByteString: Policy]
    ) {
        self.store = store
        self.keyRing = keyRing
        self.isDevelopment = isDevelopment
        self.shutdownTimeout = shutdownTimeout
        self.tokenCacheSize = tokenCacheSize
        self.providers = providers
        self.policies = policies
        guarded = Guarded.all(policies, providers)
    }
}

/// Where sessions are kept.
package enum StoreLocation: Hashable, Sendable {
    /// Lives and dies with the process: for one process, and for tests.
    case memory
    case sqlite(path: ByteString)
}
