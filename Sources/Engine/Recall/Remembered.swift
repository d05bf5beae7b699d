package import Configuration
package import Encodings
import HTTPMessages
import OAuth
import Sessions
import Synchronization

/// Something remembered of who sent a credential: a token, or a session cookie's value.
package protocol Remembered: AnyObject, Sendable {
    /// Names the policy by what it guards.
    var guarded: Guarded { get }
    var credential: Secret { get }
}

/// A bearer token that was found good under one policy, and its answer.
package final class RememberedToken: Settled, Remembered, @unchecked Sendable {
    package let guarded: Guarded
    package let credential: Secret
    private let known: AccessToken?
    private let read = AtomicLazyReference<ReadToken>()
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
    private let isShared: Bool

    private final class ReadToken: Sendable {
        let token: AccessToken
        init(_ token: AccessToken) { self.token = token }
    }

    /// - Parameter isShared: false where the answer is not to forward, or edits more than every
    ///   request's.
    init(
        _ credential: Secret, _ guarded: Guarded, _ token: AccessToken, _ issuer: TrustedIssuer,
        _ memory: ProviderMemory, keyEpoch: UInt64, _ decision: Decision, isShared: Bool
    ) {
        self.guarded = guarded
        self.credential = credential
        known = token
        self.issuer = issuer
        keyGeneration = memory.keyGeneration
        self.keyEpoch = keyEpoch
        keysDead = memory.keysDead
        goodUntil = token.expiry &+ issuer.provider.tokens.leeway
        self.isShared = isShared
        super.init(decision)
    }

    /// Of a ``DirectCheck``, whose token is read when somebody asks for its claims.
    /// - Parameter answer: a token's like this one.
    init(
        _ credential: Secret, _ guarded: Guarded, _ issuer: TrustedIssuer,
        keyGeneration: UInt64, keyEpoch: UInt64, keysDead: Int64, goodUntil: Int64,
        like answer: Settled
    ) {
        self.guarded = guarded
        self.credential = credential
        known = nil
        self.issuer = issuer
        self.keyGeneration = keyGeneration
        self.keyEpoch = keyEpoch
        self.keysDead = keysDead
        self.goodUntil = goodUntil
        isShared = true
        super.init(like: answer)
    }

    /// Nil where it is one request's own.
    package var settled: Settled? { isShared ? self : nil }

    override var accessToken: AccessToken? {
        if let known = known ?? read.load()?.token { return known }
        guard let token = AccessToken(verified: credential.reveal()) else { return nil }
        return read.storeIfNil(ReadToken(token)).token
    }

    override package var subject: Subject? {
        guard known == nil else { return nil }
        var head = RequestHead(method: "GET", target: "/", policy: guarded.policy.name)
        let name = ByteString("Authorization")
        head.note(name: name.span, value: ("Bearer " + credential.reveal()).span)
        return .bearer(BearerRequest(head, guarded))
    }
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
