import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability

/// A request that must bring `Authorization: Bearer` with an access token for this API.
/// - Source: RFC 6750; RFC 9068; standards A to H.
package struct BearerFlow: RequestFlow {
    private let request: BearerRequest
    private var state = State.start

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.landed(.done)`, `.outOfPatience`
        case fetchingKeys
        /// `.result(.accessToken)`
        case verifying(BearerCheck, hasFetched: Bool)
    }

    init(_ request: BearerRequest) { self.request = request }

    package func patience(_ scene: Scene) -> Int64 {
        request.guarded.issuers.map(\.provider.network.requestTimeout).max() ?? 0
    }

    package mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch (state, input) {
        case (.start, .begin): return arrive(&scene)
        case (.fetchingKeys, .landed): return verify(&scene, hasFetched: true)
        case (.verifying(let check, let hasFetched), .result(.accessToken(let verdict))):
            return verified(verdict, by: check, hasFetched: hasFetched, &scene)
        default: return unavailable()
        }
    }

    // MARK: The credentials

    private mutating func arrive(_ scene: inout Scene) -> Decision? {
        if request.hasSecondToken {
            return challenge(
                400, "More than one token", .credentialsRepeated, error: "invalid_request")
        }
        if let decision = recall(&scene) { return decision }
        if RequestKind.isPreflight(request.head) {
            // Carries no credentials by its nature; whether to allow it is the API's own affair.
            return finished(Decision(.forward, .preflight))
        }
        switch request.credentials {
        case .none: return challenge(401, "Bearer token needed", .tokenMissing, error: nil)
        case .repeated:
            return challenge(
                400, "More than one Authorization", .credentialsRepeated, error: "invalid_request")
        case .malformed:
            return challenge(
                400, "Malformed credentials", .credentialsMalformed, error: "invalid_request")
        case .token: return verify(&scene, hasFetched: false)
        }
    }

    /// A token that was good under this policy a moment ago, checked with the keys that still
    /// stand.  Only good ones are remembered: what is found needs no look at its form.
    private func recall(_ scene: inout Scene) -> Decision? {
        guard let token = request.token, let verdict = scene.tables.verdicts[verdictKey(token)],
            let memory = scene.tables.providers[verdict.issuer.provider.name],
            verdict.keyGeneration == memory.keyGeneration,
            scene.now.monotonic < memory.keysDead,
            scene.now.wall < verdict.goodUntil
        else { return nil }
        return admit(verdict.token)
    }

    private func remember(
        _ accessToken: AccessToken, _ candidate: BearerCheck.Candidate, _ decision: Decision,
        _ scene: inout Scene
    ) {
        let provider = candidate.issuer.provider
        guard let token = request.token, let memory = scene.tables.providers[provider.name],
            memory.keyGeneration == candidate.memory.keyGeneration
        else { return }
        // An edited cookie belongs to this request alone.
        let isShared = decision.outcome == .forward && request.head.cookies.isEmpty
        scene.tables.verdicts[verdictKey(token)] = Tables.Verdict(
            token: accessToken, issuer: candidate.issuer, keyGeneration: memory.keyGeneration,
            keyEpoch: scene.tables.keyEpoch, keysDead: memory.keysDead,
            settled: isShared ? Settled(decision) : nil,
            goodUntil: accessToken.expiry &+ provider.tokens.leeway)
    }

    private func verdictKey(_ token: ByteString) -> Tables.VerdictKey {
        Tables.VerdictKey(guarded: request.guarded, token: token)
    }

    // MARK: The check

    private mutating func verify(_ scene: inout Scene, hasFetched: Bool) -> Decision? {
        guard case .token(let token) = request.credentials else { return unavailable() }
        let check = BearerCheck(request.guarded, scene.tables, scene.now)
        state = .verifying(check, hasFetched: hasFetched)
        scene.ask(.job(.verifyAccessToken(token, check, now: scene.now.wall)))
        return nil
    }

    /// What can be no token, or is of no issuer of ours, is refused without the provider (FMT-13,
    /// SIG-10); only the issuer's own keys are ever waited for.
    private mutating func verified(
        _ verdict: BearerVerdict, by check: BearerCheck, hasFetched: Bool, _ scene: inout Scene
    ) -> Decision? {
        switch verdict {
        case .good(let accessToken, let index):
            let decision = admit(accessToken)
            remember(accessToken, check.candidates[index], decision, &scene)
            return decision
        case .refused(let refusal): return refused(refusal, &scene)
        case .keysMissing(let index):
            let name = check.candidates[index].issuer.provider.name
            guard !hasFetched, ProviderFlight.joinMissing(name, &scene) else {
                return unavailable()
            }
        case .keyUnknown(let index):
            let name = check.candidates[index].issuer.provider.name
            guard !hasFetched, ProviderFlight.joinUnknownKey(name, &scene) else {
                // The newest keys could not be had: nobody can tell whether it is among them.
                return isInTrouble(name, scene) ? unavailable() : refused(.unknownKey, &scene)
            }
        }
        state = .fetchingKeys
        return nil
    }

    private func isInTrouble(_ name: ByteString, _ scene: Scene) -> Bool {
        (scene.tables.providers[name]?.trouble.failures ?? 0) > 0
    }

    private func refused(_ refusal: TokenRefusal, _ scene: inout Scene) -> Decision {
        scene.log(.info, "a bearer token is refused: \(refusal.word)\(hint(refusal))")
        return challenge(401, "Token refused", Reason(refusal), error: "invalid_token")
    }

    private func hint(_ refusal: TokenRefusal) -> ByteString {
        refusal == .typeMissing
            ? " (it lacks typ at+jwt; \"require_access_token_type off\" admits it)" : ""
    }

    private func admit(_ accessToken: AccessToken) -> Decision {
        let missing = request.guarded.policy.requiredScopes.filter {
            !accessToken.scopes.contains($0)
        }
        guard missing.isEmpty else {
            return challenge(403, "Scope missing", .insufficientScope, error: "insufficient_scope")
        }
        guard let claimEdits = ClaimHeaderEdits.make(request.guarded.policy, accessToken.claims)
        else {
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
        if !request.guarded.policy.realm.isEmpty {
            parameters.append("realm=\"\(request.guarded.policy.realm)\"")
        }
        if let error { parameters.append("error=\"\(error)\"") }
        if !request.guarded.policy.requiredScopes.isEmpty, status == 403 || error == nil {
            let scopes = request.guarded.policy.requiredScopes.reduce(into: ByteString()) {
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
        decision.guardedCookies = request.guarded.cookies
        decision.upstreamEdits = request.guarded.policy.claimHeaders.map {
            HeaderEdit($0.name, nil)
        }
        // A host may forward what was refused here, or a preflight: an upstream that trusts us
        // must not take an unchecked token for a checked one.
        if !request.guarded.policy.forwardsToken || decision.reason != .ok {
            decision.upstreamEdits.append(HeaderEdit("Authorization", nil))
        }
        if let cookies = request.guarded.cookies, !request.head.cookies.isEmpty {
            let kept = CookieHeader(request.head.cookies).removing(where: cookies.contains)
            decision.upstreamEdits.append(HeaderEdit("Cookie", kept))
        }
        return decision
    }
}
