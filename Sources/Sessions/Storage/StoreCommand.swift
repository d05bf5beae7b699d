/// What the engine may ask of a store.  Each command is one transaction: it happens wholly or not
/// at all, and a reply that says it happened is durable where the command says so.
package enum StoreCommand: Hashable, Sendable {
    /// Durable.  Inserts a row; deletes the row that it takes the place of, if any.
    /// Replies `.done`; `.conflict` where the key exists.
    case create(SessionRow, replacing: RowKey?)

    /// Replies `.row`, or `.gone` where there is none or it is past `now` in either expiry.
    case read(RowKey, now: Int64)

    /// Not durable.  Raises the idle expiry, never lowers it.  Replies `.done` or `.gone`.
    case touch(RowKey, idleExpiry: Int64)

    /// Durable.  Takes the lease of a session and writes the intent to present the refresh token
    /// of `generation`, before the provider is asked.
    ///
    /// Replies `.granted`, with the row as it stands; `.newer` with the row where its generation is
    /// not the one named: someone else has refreshed; `.leased(remaining:)` in milliseconds where
    /// another owner's lease runs; `.exhausted` where that token has been presented
    /// `presentations` times already with unknown outcome (nothing is written then); `.gone`.
    case beginRefresh(
        RowKey, generation: UInt64, owner: UInt64, leaseMilliseconds: Int64, presentations: Int,
        now: Int64)

    /// Durable.  Replaces sealed contents and absolute expiry, raises the generation by one and
    /// removes lease and intent, if the lease of that epoch still stands (even where its time has
    /// run out, as long as nobody has taken it over).  Replies `.done`; `.superseded` or `.gone`.
    case commitRefresh(RowKey, epoch: UInt64, sealed: [UInt8], absoluteExpiry: Int64)

    /// Durable.  Gives the lease of that epoch back without a result.  The intent stays where the
    /// token may have been presented; where it certainly was not, the presentation is taken back.
    /// Replies `.done`, `.superseded` or `.gone`.
    case abandonRefresh(RowKey, epoch: UInt64, wasPresented: Bool)

    /// Durable.  Deletes the session if the lease of that epoch still stands: the provider has
    /// refused the refresh token.  Replies `.done`, `.superseded` or `.gone`.
    case refuseRefresh(RowKey, epoch: UInt64)

    /// Durable.  Deletes a session, lease or not: a logout.  Replies `.ended` with the row as it
    /// was, so that its newest tokens can be revoked; or `.gone`.
    case end(RowKey)

    /// Durable.  Records that a login attempt's state is spent, until `expiry`.
    /// Replies `.done` for the first; `.spent` for every later one.
    case spend(state: RowKey, expiry: Int64)

    /// Not durable.  Keeps a document of the engine's own under a name, in place of an earlier one,
    /// until `expiry`.  Replies `.done`.
    case keep(RowKey, sealed: [UInt8], expiry: Int64)

    /// Replies `.kept`, or `.gone` where there is none.
    case readKept(RowKey)

    /// Deletes at most `limit` rows, spent states and kept documents that are past `now`.  Replies
    /// `.swept(count)`.
    case sweep(now: Int64, limit: Int)
}

/// What a store answers; which command has which replies is said there.
package enum StoreReply: Hashable, Sendable {
    case done
    case gone
    case conflict
    /// `stamp` was noted before the row was read: see ``StampBoard``.
    case row(SessionRow, stamp: UInt64)
    case granted(Lease, SessionRow, stamp: UInt64)
    case newer(SessionRow, stamp: UInt64)
    case leased(remaining: Int64)
    case exhausted
    case ended(SessionRow)
    case superseded
    case spent
    /// `age` in milliseconds by the clock that leases run by, which nobody can set back; nil where
    /// that clock has begun anew since.
    case kept([UInt8], age: Int64?)
    case swept(Int)
}
