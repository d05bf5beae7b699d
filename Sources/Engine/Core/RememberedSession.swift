package import Encodings
package import JOSE

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
