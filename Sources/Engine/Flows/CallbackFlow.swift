import Configuration
import Encodings
import HTTPMessages
import OAuth
import Observability
import Sessions

/// `GET PREFIX/callback?code=…&state=…`: the browser comes back from the provider.
///
/// The state must belong to an attempt of this browser, that is to a sealed cookie named after it.
/// Whoever comes with a spent one and has a session goes to the page, not to an error.
/// - Source: RFC 6749 §4.1.2; RFC 9207; RFC 9700 §4.4, §4.7; CB-01 to CB-06, SES-01 to SES-03.
struct CallbackFlow: RequestFlow {
    private let request: BrowserRequest
    private let parameters: Parameters
    private var state = State.start

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.result(.opened)`
        case opening(cookieName: ByteString)
        /// `.landed(.provider)`, `.outOfPatience`
        case fetchingProvider(LoginAttempt, RowKey, cookieName: ByteString)
        /// `.landed(.login)`, `.outOfPatience`
        case signingIn(LoginAttempt, cookieName: ByteString)
        /// `.landed(.load)`, `.outOfPatience`
        case lookingForSession(returnTo: ByteString, else: Reason)
    }

    init(_ request: BrowserRequest) {
        self.request = request
        parameters = Parameters(request.head.query ?? "")
    }

    /// As long as the exchange may take: who leaves before would lose the session's only cookie.
    func patience(_ scene: Scene) -> Int64 {
        request.guarded.provider.network.exchangeTimeout + 10_000
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch (state, input) {
        case (.start, .begin): return arrive(&scene)
        case (.opening(let name), .result(.opened(let attempt))):
            guard let attempt, attempt.provider == request.guarded.provider.name,
                let key = attempt.stateKey
            else {
                return lookForSession(returnTo: request.rules.landing, .loginAttemptMissing, &scene)
            }
            return opened(attempt, key, name, mayFetch: true, &scene)
        case (.fetchingProvider(let attempt, let key, let name), .landed):
            return opened(attempt, key, name, mayFetch: false, &scene)
        case (.signingIn(let attempt, let name), .landed(.login(let result))):
            return signedIn(result, attempt, name, &scene)
        case (.signingIn(let attempt, _), _):
            return failed(503, .loginPending, clearing: nil, attempt.returnTo)
        case (.lookingForSession(let returnTo, _), .landed(.load(.session(let session))))
        where session.provider == request.guarded.provider.name && !session.isOver(scene.now):
            return request.finished(
                Answer.redirect(returnTo, .loginAlreadyCompleted), .active)
        case (.lookingForSession(_, let reason), _): return failed(400, reason, clearing: nil)
        default: return failed(503, .loginPending, clearing: nil)
        }
    }

    // MARK: The attempt

    /// The state that the browser brings, if it brings one and no other.
    static func loginState(_ parameters: Parameters) -> ByteString? {
        guard !parameters.isMalformed, let state = parameters["state"],
            (1...512).contains(state.count)
        else { return nil }
        return state
    }

    private mutating func arrive(_ scene: inout Scene) -> Decision? {
        if let answer = EndpointAnswer.wrongMethod(request, .callback) { return answer }
        guard let loginState = Self.loginState(parameters) else {
            return failed(400, .loginAnswerMalformed, clearing: nil)
        }
        let name = AttemptCookie.name(
            sessionCookie: request.rules.cookieName, state: loginState)
        guard case .once(let value) = request.cookies.lookup(name),
            let ring = scene.configuration.keyRing
        else {
            return lookForSession(returnTo: request.rules.landing, .loginAttemptMissing, &scene)
        }
        state = .opening(cookieName: name)
        scene.ask(
            .job(
                .openAttempt(
                    value, state: loginState, ring, request.cookieNames,
                    now: scene.now.wall, maximumAge: request.rules.attemptLifetime)))
        return nil
    }

    private mutating func opened(
        _ attempt: LoginAttempt, _ key: RowKey, _ name: ByteString, mayFetch: Bool,
        _ scene: inout Scene
    ) -> Decision? {
        // Mix-up: an answer without `iss` may only be read where it is known that none was
        // promised, and a worker that has just started does not know that yet (CB-03).
        guard let metadata = scene.tables.providers[attempt.provider]?.metadata else {
            guard mayFetch, ProviderFlight.joinMissing(attempt.provider, &scene) else {
                return failed(503, .providerUnavailable, clearing: nil, attempt.returnTo)
            }
            state = .fetchingProvider(attempt, key, cookieName: name)
            return nil
        }
        switch AuthorizationResponse.parse(
            parameters, issuer: request.guarded.provider.issuer,
            promisesIssuerParameter: metadata.promisesIssuerParameter)
        {
        case .code(let code):
            state = .signingIn(attempt, cookieName: name)
            scene.join(
                .login(key),
                LoginFlight(attempt, key, code: code, replacing: request.ticket?.rowKey))
            return nil
        case .error(let word):
            scene.log(.info, "the provider \(attempt.provider) ends a login: \(word)")
            return failed(403, .loginRefusedByProvider, clearing: name, attempt.returnTo)
        case .refused(let refusal):
            scene.log(
                .warning, "a login answer of \(attempt.provider) is not used: \(refusal.sentence)")
            return failed(400, .loginAnswerMalformed, clearing: name, attempt.returnTo)
        }
    }

    // MARK: The outcome

    private mutating func signedIn(
        _ result: LoginResult, _ attempt: LoginAttempt, _ name: ByteString, _ scene: inout Scene
    ) -> Decision? {
        switch result {
        case .signedIn(let ticket, let returnTo):
            let cookie = request.rules.cookie(
                ticket.cookieValue, maxAge: request.rules.absoluteTimeout)
            return request.finished(
                Answer.redirect(
                    returnTo, .loginCompleted,
                    cookies: [cookie, request.rules.attemptCookie(name, "", maxAge: 0)]),
                .active)
        case .spent:
            return lookForSession(returnTo: attempt.returnTo, .loginAlreadyCompleted, &scene)
        case .refused(let reason): return failed(403, reason, clearing: name, attempt.returnTo)
        case .unavailable(let reason):
            return failed(503, reason, clearing: nil, attempt.returnTo)
        }
    }

    private mutating func lookForSession(
        returnTo: ByteString, _ reason: Reason, _ scene: inout Scene
    ) -> Decision? {
        guard request.joinLoad(&scene) else { return failed(400, reason, clearing: nil) }
        state = .lookingForSession(returnTo: returnTo, else: reason)
        return nil
    }

    private func failed(
        _ status: Int, _ reason: Reason, clearing name: ByteString?,
        _ returnTo: ByteString? = nil
    ) -> Decision {
        let again =
            request.rules.loginPath
            + (returnTo.map { "?" + FormEncoding.encode([("return_to", $0)]) } ?? "")
        return request.finished(
            Answer.page(
                status, "Signing in did not work", EndpointAnswer.explanation(reason), reason,
                link: (again, "Sign in again"),
                headers: status == 503 ? [Answer.retryAfter(2)] : [],
                cookies: name.map { [request.rules.attemptCookie($0, "", maxAge: 0)] } ?? []),
            nil)
    }
}
