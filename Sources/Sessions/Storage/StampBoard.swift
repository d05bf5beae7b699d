/// Tells, without a store read, whether what a worker remembers of a session is still true.
///
/// Every write that makes untrue what someone may remember of a row moves its stamp: a refresh, an
/// end, a sweep, a replacement.  (A new row, a lease or a later idle expiry does not.)  A worker
/// remembers a row together with the stamp that was noted before the row was read, and believes
/// its memory only while the stamp is the same and even; odd says "a write is under way or was cut
/// off: read the store".
package protocol StampBoard: Sendable {
    /// Callable from any thread, does not block.
    func stamp(of key: RowKey) -> UInt64
}
