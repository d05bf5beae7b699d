package import Configuration
import Cryptography
import Encodings
import HTTPMessages
import JOSE
import OAuth

/// The issuers of a bearer policy with their keys as they stand, for a token that nobody has asked
/// about before and that holds nothing unusual: it is checked where it lies, on the thread that
/// brought it, outside every lock.
///
/// It finds only good tokens, and answers as ``BearerFlow`` would.  Everything else takes the full
/// look, which alone knows why a token is refused.
package final class DirectCheck: Sendable {
    let guarded: Guarded
    /// ``Tables/keyEpoch`` when it was made: it is made anew with the next.
    let keyEpoch: UInt64
    /// Monotonic: made anew from then on, too.
    let staleFrom: Int64
    /// False where the engine remembers no tokens.
    package let isRemembered: Bool
    private let issuers: [Issuer]
    private let flow: BearerFlow
    /// What all good tokens have in common; nil where their claims go into header fields.
    private let shared: Settled?

    private final class Issuer: Sendable {
        let trusted: TrustedIssuer
        let rules: PlainRules
        let keys: PlainKeys
        let keyGeneration: UInt64
        let keysDead: Int64

        init?(_ candidate: BearerCheck.Candidate) {
            guard let keys = candidate.keys else { return nil }
            trusted = candidate.issuer
            rules = trusted.plainRules
            self.keys = keys.plain
            keyGeneration = candidate.memory.keyGeneration
            keysDead = candidate.memory.keysDead
        }
    }

    init(_ guarded: Guarded, _ tables: Tables, _ now: Moment) {
        self.guarded = guarded
        keyEpoch = tables.keyEpoch
        isRemembered = tables.tokens.capacity > 0
        let candidates = BearerCheck(guarded, tables, now).candidates
        issuers = candidates.compactMap(Issuer.init)
        staleFrom =
            candidates.map { $0.keys == nil ? now.monotonic &+ 1_000 : $0.memory.keysDead }
            .min() ?? .max
        let policy = guarded.policy
        let head = RequestHead(method: "GET", target: "/", policy: policy.name)
        flow = BearerFlow(BearerRequest(head, guarded))
        let some = AccessToken(claims: ClaimsSet(), expiry: 0, scopes: policy.requiredScopes)
        var decision = flow.admit(some)
        decision.claims = nil
        shared = policy.claimHeaders.isEmpty ? Settled(decision) : nil
    }

    /// - Parameter text: what stands behind `Bearer ` in a request without a cookie of ours or a
    ///   token in the query, that is no preflight.
    /// - Returns: nil where the request needs a full look.
    package func prove(_ text: Span<UInt8>, _ now: Moment) -> RememberedToken? {
        guard let (issuer, expiry) = verify(text, now) else { return nil }
        guard let answer = shared ?? settle(text) else { return nil }
        return RememberedToken(
            Secret(copying: text), guarded, issuer.trusted,
            keyGeneration: issuer.keyGeneration, keyEpoch: keyEpoch, keysDead: issuer.keysDead,
            goodUntil: expiry &+ issuer.rules.leeway, like: answer)
    }

    /// - Returns: whose token it is, and its `exp`.
    private func verify(_ text: Span<UInt8>, _ now: Moment) -> (Issuer, Int64)? {
        VerifyingLane.borrow { lane in
            guard let token = PlainToken(text, on: lane) else { return nil }
            let parts = lane.text
            for issuer in issuers {
                guard issuer.rules.concern(token.claims, in: parts.bytes) else { continue }
                guard now.monotonic < issuer.keysDead,
                    let expiry = issuer.rules.expiry(
                        of: token.header, token.claims, in: parts.bytes,
                        requiring: guarded.policy.requiredScopes, now: now.wall),
                    let key = token.key(in: issuer.keys, on: lane),
                    token.isSigned(by: key, text: text, on: lane)
                else { return nil }
                return (issuer, expiry)
            }
            return nil
        }
    }

    /// Where the token's claims go into header fields.
    private func settle(_ text: Span<UInt8>) -> Settled? {
        guard let token = AccessToken(verified: ByteString(copying: text)) else { return nil }
        let decision = flow.admit(token)
        return decision.outcome == .forward ? Settled(decision) : nil
    }
}

extension EngineCore {
    package mutating func directCheck(_ guarded: Guarded, _ now: Moment) -> DirectCheck {
        let name = ObjectIdentifier(guarded)
        if let known = tables.directChecks[name], known.keyEpoch == tables.keyEpoch,
            now.monotonic < known.staleFrom
        {
            return known
        }
        let new = DirectCheck(guarded, tables, now)
        tables.directChecks[name] = new
        return new
    }

    /// Keeps a token that was proven without the lock, unless there are new keys meanwhile.
    package mutating func remember(_ token: RememberedToken) {
        guard token.keyEpoch == tables.keyEpoch else { return }
        tables.tokens.insert(token)
    }
}
