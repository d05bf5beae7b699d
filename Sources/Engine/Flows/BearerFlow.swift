import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability

/// A request that must bring `Authorization: Bearer` with an access token for this API.
/// - Source: RFC 6750; RFC 9068; standards A to H.
package struct BearerFlow: RequestFlow {
    private let head: RequestHead
    private let policy: Policy
    private let provider: Provider
    private var state = State.start
    private var token: ByteString = ""

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.landed(.done)`, `.outOfPatience`
        case fetchingKeys
        /// `.result(.accessToken)`
        case verifying(keyGeneration: UInt64, hasFetched: Bool)
    }

    init(_ head: RequestHead, _ policy: Policy, _ provider: Provider) {
        self.head = head
        self.policy = policy
        self.provider = provider
    }

    package func patience(_ scene: Scene) -> Int64 { provider.network.requestTimeout }

    package mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch (state, input) {
        case (.start, .begin): return arrive(&scene)
        case (.fetchingKeys, .landed): return verify(&scene, hasFetched: true)
        case (.verifying(let generation, let hasFetched), .result(.accessToken(let verdict))):
            return verified(verdict, generation, hasFetched: hasFetched, &scene)
        default: return unavailable()
        }
    }

    // MARK: The credentials

    private mutating func arrive(_ scene: inout Scene) -> Decision? {
        if RequestKind(head) == .preflight {
            // Carries no credentials by its nature; whether to allow it is the API's own affair.
            return finished(Decision(.forward, .preflight))
        }
        switch BearerCredentials(head.authorization) {
        case .none: return challenge(401, "Bearer token needed", .tokenMissing, error: nil)
        case .repeated:
            return challenge(
                400, "More than one Authorization", .credentialsRepeated, error: "invalid_request")
        case .malformed:
            return challenge(
                400, "Malformed credentials", .credentialsMalformed, error: "invalid_request")
        case .token(let token): self.token = token
        }
        let key = Tables.VerdictKey(policy: policy.name, token: token)
        if let verdict = scene.tables.verdicts[key],
            verdict.keyGeneration == scene.tables.providers[provider.name]?.keyGeneration,
            scene.tables.providers[provider.name]?.usableKeys(scene.now) != nil,
            scene.now.wall < verdict.token.expiry &+ provider.tokens.leeway
        {
            return admit(verdict.token)
        }
        return verify(&scene, hasFetched: false)
    }

    // MARK: The check

    private mutating func verify(_ scene: inout Scene, hasFetched: Bool) -> Decision? {
        guard let memory = scene.tables.providers[provider.name],
            let keys = memory.usableKeys(scene.now)
        else {
            guard !hasFetched, ProviderFlight.joinMissing(provider.name, &scene) else {
                return unavailable()
            }
            state = .fetchingKeys
            return nil
        }
        state = .verifying(keyGeneration: memory.keyGeneration, hasFetched: hasFetched)
        scene.ask(
            .job(
                .verifyAccessToken(
                    token, provider.accessTokenRules(policy), keys, now: scene.now.wall)))
        return nil
    }

    private mutating func verified(
        _ verdict: Result<AccessToken, TokenRefusal>, _ generation: UInt64, hasFetched: Bool,
        _ scene: inout Scene
    ) -> Decision? {
        switch verdict {
        case .success(let accessToken):
            let key = Tables.VerdictKey(policy: policy.name, token: token)
            scene.tables.verdicts[key] = Tables.Verdict(
                token: accessToken, keyGeneration: generation)
            return admit(accessToken)
        case .failure(.unknownKey)
        where !hasFetched && ProviderFlight.joinUnknownKey(provider.name, &scene):
            state = .fetchingKeys
            return nil
        case .failure(let refusal):
            scene.log(.info, "a bearer token is refused: \(refusal.word)\(hint(refusal))")
            return challenge(
                401, "Token refused", Reason(refusal), error: "invalid_token")
        }
    }

    private func hint(_ refusal: TokenRefusal) -> ByteString {
        refusal == .typeMissing
            ? " (it lacks typ at+jwt; \"require_access_token_type off\" admits it)" : ""
    }

    private func admit(_ accessToken: AccessToken) -> Decision {
        let missing = policy.requiredScopes.filter { !accessToken.scopes.contains($0) }
        guard missing.isEmpty else {
            return challenge(403, "Scope missing", .insufficientScope, error: "insufficient_scope")
        }
        guard let claimEdits = ClaimHeaderEdits.make(policy, accessToken.claims) else {
            return finished(
                Answer.problem(403, "A claim does not fit into a header", .claimUnfit))
        }
        var decision = finished(Decision(.forward, .ok))
        decision.upstreamEdits.removeAll { edit in claimEdits.contains { $0.name == edit.name } }
        decision.upstreamEdits += claimEdits
        decision.claims = accessToken.claims
        return decision
    }

    // MARK: Answers

    /// The error code is for the client; which check refused stands in the reason and the log only
    /// (BEA-09).
    private func challenge(
        _ status: Int, _ title: ByteString, _ reason: Reason, error: ByteString?
    ) -> Decision {
        var parameters: [ByteString] = []
        if !policy.realm.isEmpty { parameters.append("realm=\"\(policy.realm)\"") }
        if let error { parameters.append("error=\"\(error)\"") }
        if !policy.requiredScopes.isEmpty, status == 403 || error == nil {
            let scopes = policy.requiredScopes.reduce(into: ByteString()) {
                $0 += $0.isEmpty ? $1 : " " + $1
            }
            parameters.append("scope=\"\(scopes)\"")
        }
        let text = parameters.reduce(into: "Bearer" as ByteString) {
            $0 += ($0 == "Bearer" ? " " : ", ") + $1
        }
        // The body tells a client no more than the challenge does.
        let shown = status == 401 && error != nil ? Reason.tokenRefused : reason
        var decision = Answer.problem(
            status, title, shown, headers: [HeaderField("WWW-Authenticate", text)])
        decision.reason = reason
        return finished(decision)
    }

    private func unavailable() -> Decision {
        finished(
            Answer.problem(
                503, "Try again later", .keysUnavailable, headers: [Answer.retryAfter(2)]))
    }

    /// With the hygiene: our cookies and claim headers never come from a client.
    private func finished(_ decision: Decision) -> Decision {
        var decision = decision
        decision.guardedCookies = provider.sessions?.guardedCookies
        decision.upstreamEdits = policy.claimHeaders.map { HeaderEdit($0.name, nil) }
        // A host may forward what was refused here, or a preflight: an upstream that trusts us
        // must not take an unchecked token for a checked one.
        if !policy.forwardsToken || decision.reason != .ok {
            decision.upstreamEdits.append(HeaderEdit("Authorization", nil))
        }
        if let cookies = provider.sessions?.guardedCookies, !head.cookies.isEmpty {
            let kept = CookieHeader(head.cookies).removing(where: cookies.contains)
            decision.upstreamEdits.append(HeaderEdit("Cookie", kept))
        }
        return decision
    }
}
