import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability

/// A request that must bring an access token for this API: as `Authorization: Bearer`, or in the
/// cookie that the policy names.
/// - Source: RFC 6750; RFC 9068; sections A to H of the requirements.
package struct BearerFlow: RequestFlow {
    private let request: BearerRequest
    private var state = State.start
    /// The signed token, where it came encrypted.
    private var nested: NestedToken?

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.result(.nested)`
        case opening
        /// `.landed(.provider)`, `.outOfPatience`
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
        case (.opening, .result(.nested(.success(let token)))):
            nested = token
            return verify(&scene, hasFetched: false)
        case (.opening, .result(.nested(.failure(let refusal)))): return refused(refusal, &scene)
        case (.fetchingKeys, .landed(let landing)):
            return verify(&scene, hasFetched: landing.hasFetched)
        case (.verifying(let check, let hasFetched), .result(.accessToken(let verdict))):
            return verified(verdict, by: check, hasFetched: hasFetched, &scene)
        default: return unavailable()
        }
    }

    // MARK: The credentials

    private mutating func arrive(_ scene: inout Scene) -> Decision? {
        if request.hasSecondToken {
            return challenge(.request, "More than one token", .credentialsRepeated)
        }
        // Carries no credentials by its nature; whether to allow it is the API's own affair.
        let preflight = Decision(.forward, .preflight)
        if request.isInCookie {
            if RequestKind.isPreflight(request.head) { return finished(preflight) }
            guard request.mayComeFromItsOrigin else {
                return finished(
                    Answer.problem(403, "Request from another site", .crossSiteRequest))
            }
        }
        if let decision = recall(&scene) { return decision }
        if RequestKind.isPreflight(request.head) { return finished(preflight) }
        switch request.credentials {
        case .none: return challenge(.missing, "Bearer token needed", .tokenMissing)
        case .repeated: return challenge(.request, "More than one token", .credentialsRepeated)
        case .malformed: return challenge(.request, "Malformed credentials", .credentialsMalformed)
        case .token(let token): return open(token, &scene)
        }
    }

    /// A token that was good under this policy a moment ago, checked with the keys that still
    /// stand.  Only good ones are remembered: what is found needs no look at its form.
    private func recall(_ scene: inout Scene) -> Decision? {
        guard let token = request.token,
            let known = scene.tables.tokens.find(token.span, request.guarded),
            let memory = scene.tables.providers[known.issuer.provider.name],
            known.keyGeneration == memory.keyGeneration,
            scene.now.monotonic < memory.keysDead,
            scene.now.wall < known.goodUntil, let accessToken = known.accessToken
        else { return nil }
        let decision = admit(accessToken)
        // Another provider has new keys, which says nothing about these; or the token came with
        // cookies before.
        if isShared(decision), known.keyEpoch != scene.tables.keyEpoch || known.settled == nil {
            remember(accessToken, of: known.issuer, memory, decision, &scene)
        }
        return decision
    }

    /// - Parameter memory: as it is now.
    private func remember(
        _ accessToken: AccessToken, of issuer: TrustedIssuer, _ memory: ProviderMemory,
        _ decision: Decision, _ scene: inout Scene
    ) {
        guard let token = request.token else { return }
        scene.tables.tokens.insert(
            RememberedToken(
                Secret(token), request.guarded, accessToken, issuer, memory,
                keyEpoch: scene.tables.keyEpoch, decision, isShared: isShared(decision)))
    }

    /// An edited cookie belongs to one request alone.
    private func isShared(_ decision: Decision) -> Bool {
        decision.outcome == .forward
            && (request.head.cookies.isEmpty || !request.guarded.editsCookies)
    }

    // MARK: The check

    /// An encrypted token is opened once, whatever must be fetched afterwards to verify it.
    private mutating func open(_ token: ByteString, _ scene: inout Scene) -> Decision? {
        let keys = request.guarded.decryptionKeys
        guard !keys.isEmpty, NestedToken.mayBe(token) else {
            return verify(&scene, hasFetched: false)
        }
        state = .opening
        scene.ask(.job(.openAccessToken(token, keys)))
        return nil
    }

    private mutating func verify(_ scene: inout Scene, hasFetched: Bool) -> Decision? {
        guard case .token(let token) = request.credentials else { return unavailable() }
        let check = BearerCheck(
            request.guarded, scene.tables, scene.now, openedWith: nested?.key)
        state = .verifying(check, hasFetched: hasFetched)
        scene.ask(.job(.verifyAccessToken(nested?.text ?? token, check, now: scene.now.wall)))
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
            let (issuer, keys) = (check.candidates[index].issuer, check.candidates[index].memory)
            // Unless there are new keys meanwhile.
            if let memory = scene.tables.providers[issuer.provider.name],
                memory.keyGeneration == keys.keyGeneration
            {
                remember(accessToken, of: issuer, memory, decision, &scene)
            }
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
        let (isAdmitted, leftOut) = scene.tables.refusalLog.admit(scene.now)
        if leftOut > 0 {
            scene.log(.warning, "\(leftOut) more bearer tokens were refused, too many to log each")
        }
        if isAdmitted {
            scene.log(.info, "a bearer token is refused: \(refusal.word)\(hint(refusal))")
        }
        return challenge(.token, "Token refused", Reason(refusal))
    }

    private func hint(_ refusal: TokenRefusal) -> ByteString {
        switch refusal {
        case .typeMissing: " (it lacks typ at+jwt; \"require_access_token_type off\" admits it)"
        case .claimMissing: " (it lacks one of \"required_claims\")"
        default: ""
        }
    }

    func admit(_ accessToken: AccessToken) -> Decision {
        let missing = request.guarded.policy.requiredScopes.filter {
            !accessToken.scopes.contains($0)
        }
        guard missing.isEmpty else {
            return challenge(.scope, "Scope missing", .insufficientScope)
        }
        guard let claimEdits = ClaimHeaderEdits.make(request.guarded.policy, accessToken.claims)
        else {
            return finished(
                Answer.problem(403, "A claim does not fit into a header", .claimUnfit))
        }
        // A cookie's answer is one person's; that of an Authorization no shared cache keeps.
        var decision = finished(
            Decision(
                .forward, .ok, clientHeaders: request.isInCookie ? HeaderText.personal : []))
        decision.upstreamEdits.removeAll { edit in claimEdits.contains { $0.name == edit.name } }
        decision.upstreamEdits += claimEdits
        decision.claims = accessToken.claims
        return decision
    }

    // MARK: Answers

    private func challenge(
        _ problem: Challenge.Problem, _ title: ByteString, _ reason: Reason
    ) -> Decision {
        let policy = request.guarded.policy
        let challenge = Challenge(
            problem: problem, realm: policy.realm, scopes: policy.requiredScopes)
        return finished(challenge.answer(title, reason, isForPeople: isForPeople))
    }

    /// Only where cookies count do people open pages themselves; their browsers show none of the
    /// challenge but the page.
    private var isForPeople: Bool {
        request.guarded.policy.tokenCookie != nil && RequestKind(request.head) == .navigation
    }

    private func unavailable() -> Decision {
        let retry = Answer.retryAfter(2)
        return finished(
            isForPeople
                ? Answer.page(
                    503, "Please try again in a moment", "Signing in does not work just now.",
                    .keysUnavailable, headers: [retry])
                : Answer.problem(503, "Try again later", .keysUnavailable, headers: [retry]))
    }

    /// With the hygiene: our cookies and claim headers never come from a client.
    private func finished(_ decision: Decision) -> Decision {
        var decision = decision
        decision.guardedCookies = request.guarded.cookies
        decision.upstreamEdits = request.hygiene(isTokenGood: decision.reason == .ok)
        return decision
    }
}
