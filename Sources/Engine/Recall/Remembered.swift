package import Configuration
package import Encodings
import OAuth
import Sessions

/// Something remembered of who sent a credential: a token, or a session cookie's value.
package protocol Remembered: AnyObject, Sendable {
    /// Names the policy by what it guards.
    var guarded: Guarded { get }
    var credential: Secret { get }
}

/// A bearer token that was found good under one policy.
package final class RememberedToken: Remembered {
    package let guarded: Guarded
    package let credential: Secret
    private let known: AccessToken?
    /// Whose keys it was checked with.
    let issuer: TrustedIssuer
    /// Of the keys that it was checked with.
    let keyGeneration: UInt64
    /// ``Tables/keyEpoch`` and the keys' end when it was written: while both hold, ``settled`` is
    /// the answer without a look at the provider.
    let keyEpoch: UInt64
    let keysDead: Int64
    /// Wall clock: `exp` and leeway.
    let goodUntil: Int64
    /// Nil where the answer is not to forward, or edits more than every request's.
    package let settled: Settled?

    /// - Parameter token: nil where ``settled`` can read it.
    init(
        _ credential: Secret, _ guarded: Guarded, _ token: AccessToken?,
        _ issuer: TrustedIssuer, keyGeneration: UInt64, keyEpoch: UInt64, keysDead: Int64,
        goodUntil: Int64, _ settled: Settled?
    ) {
        self.guarded = guarded
        self.credential = credential
        known = token
        self.issuer = issuer
        self.keyGeneration = keyGeneration
        self.keyEpoch = keyEpoch
        self.keysDead = keysDead
        self.goodUntil = goodUntil
        self.settled = settled
    }

    var token: AccessToken? { known ?? settled?.accessToken }
}

/// A session's answer under one policy, for as long as nothing has to be done about the session.
final class RememberedAnswer: Remembered {
    let guarded: Guarded
    let credential: Secret
    let row: RowKey
    let stamp: UInt64
    /// Wall clock: the token is due, the session over, or its use to be told to the store.
    let goodUntil: Int64
    /// Monotonic, as in ``RememberedSession``.
    let staleFrom: Int64
    /// All but the `Cookie` field, which is each request's own.
    let settled: Settled

    init(
        _ ticket: SessionTicket, _ guarded: Guarded, stamp: UInt64, goodUntil: Int64,
        staleFrom: Int64, _ settled: Settled
    ) {
        self.guarded = guarded
        credential = Secret(ticket.cookieValue)
        row = ticket.rowKey
        self.stamp = stamp
        self.goodUntil = goodUntil
        self.staleFrom = staleFrom
        self.settled = settled
    }
}
