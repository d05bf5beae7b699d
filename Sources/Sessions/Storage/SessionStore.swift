package import Encodings

/// Where sessions, spent login states and kept documents live.  Used from one thread only; may
/// block on disk.
///
/// ``StoreCommand`` is the contract, which the suite in `Tests/StoreTests` holds every store to;
/// beside it a store has a ``StampBoard``.
package protocol SessionStore: AnyObject {
    /// - Returns: one of the replies that the command names.
    func perform(_ command: StoreCommand) throws(StoreFailure) -> StoreReply
}

/// The store could not say.  "Cannot tell" is never "not found".
package struct StoreFailure: Error, Hashable, Sendable {
    /// Whether waiting may help.
    package enum Kind: Hashable, Sendable {
        /// Try again later.
        case unavailable
        /// Not ours, damaged, not writable or full: the operator must act.
        case unusable
    }

    package var kind: Kind
    /// For the log; no secret.
    package var detail: ByteString

    package init(_ kind: Kind, detail: ByteString) {
        self.kind = kind
        self.detail = detail
    }
}
