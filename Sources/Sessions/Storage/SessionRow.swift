/// A session as the store sees it: sealed contents, and beside them what must be read without the
/// cookie.  All times are seconds since 1970 by the wall clock.
package struct SessionRow: Hashable, Sendable {
    package var key: RowKey
    /// Counts the token sets of this session from 1; a refresh raises it by one.
    package var generation: UInt64
    /// ``SessionContents``, sealed under the browser's key and the server's.
    package var sealed: [UInt8]
    package var idleExpiry: Int64
    package var absoluteExpiry: Int64
    /// Keyed hash of issuer and `sub`; keyed hash of issuer and the provider's `sid`, or empty.
    package var subjectHash: [UInt8]
    package var providerSessionHash: [UInt8]

    package init(
        key: RowKey, generation: UInt64, sealed: [UInt8], idleExpiry: Int64, absoluteExpiry: Int64,
        subjectHash: [UInt8], providerSessionHash: [UInt8]
    ) {
        self.key = key
        self.generation = generation
        self.sealed = sealed
        self.idleExpiry = idleExpiry
        self.absoluteExpiry = absoluteExpiry
        self.subjectHash = subjectHash
        self.providerSessionHash = providerSessionHash
    }
}

/// The right to refresh one session, for a time.  A take-over raises the epoch; whoever names an
/// older one can no longer write.
package struct Lease: Hashable, Sendable {
    package var epoch: UInt64
    /// How often the refresh token of this generation has been presented, this time included:
    /// more than 1 when an earlier outcome is unknown.
    package var presentation: Int

    package init(epoch: UInt64, presentation: Int) {
        self.epoch = epoch
        self.presentation = presentation
    }
}
