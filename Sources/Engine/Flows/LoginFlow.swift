import Configuration
import Encodings
import HTTPMessages
import OAuth
import Sessions

/// `GET PREFIX/login?return_to=…`: sends the browser to the provider.
///
/// A login that is only begun costs nothing here: state, nonce, verifier and return path travel in
/// a sealed cookie of their own, one for each tab.
/// - Source: RFC 6749 §4.1.1; RFC 7636; OpenID Connect Core §3.1.2.1; LOG-01 to LOG-13.
struct LoginFlow: RequestFlow {
    private let request: BrowserRequest
    private var state = State.start

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.landed(.provider)`, `.outOfPatience`
        case fetchingProvider
        /// `.result(.attempt)`
        case sealing
    }

    init(_ request: BrowserRequest) { self.request = request }

    func patience(_ scene: Scene) -> Int64 { request.rules.requestPatience }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch (state, input) {
        case (.start, .begin):
            if let answer = EndpointAnswer.wrongMethod(request, .login) { return answer }
            // A page elsewhere may link here, but not load it behind the person's back (LOG-11).
            guard RequestKind.mayBePage(request.head) else {
                return request.refused(403, "Open this page in a tab", .loginNeedsNavigation)
            }
            return begin(&scene, mayFetch: true)
        case (.fetchingProvider, .landed): return begin(&scene, mayFetch: false)
        case (.sealing, .result(.attempt(let attempt))): return redirect(attempt, scene)
        default: return request.unavailable(.providerUnavailable)
        }
    }

    private mutating func begin(_ scene: inout Scene, mayFetch: Bool) -> Decision? {
        guard scene.tables.providers[request.guarded.provider.name]?.metadata != nil else {
            guard mayFetch, ProviderFlight.joinMissing(request.guarded.provider.name, &scene) else {
                return request.unavailable(.providerUnavailable)
            }
            state = .fetchingProvider
            return nil
        }
        guard let ring = scene.configuration.keyRing else {
            return request.unavailable(.storeUnavailable)
        }
        let parameters = Parameters(request.head.query ?? "")
        let wanted = parameters["return_to"].flatMap {
            ReturnPath.accept($0, prefix: request.rules.prefix)
        }
        state = .sealing
        scene.ask(
            .job(
                .beginAttempt(
                    provider: request.guarded.provider.name,
                    returnTo: wanted ?? request.rules.landing,
                    ring, request.cookieNames, now: scene.now.wall)))
        return nil
    }

    private func redirect(_ attempt: NewAttempt?, _ scene: Scene) -> Decision {
        guard let attempt else { return request.unavailable(.randomUnavailable) }
        guard let client = request.guarded.provider.client,
            let metadata = scene.tables.providers[request.guarded.provider.name]?.metadata
        else { return request.unavailable(.providerUnavailable) }
        let location = AuthorizationRequest(
            endpoint: metadata.authorizationEndpoint, clientID: client.credentials.clientID,
            redirectURI: request.rules.callbackURL, scopes: client.scopes,
            state: attempt.attempt.state, nonce: attempt.attempt.nonce,
            codeChallenge: attempt.challenge, parameters: client.authorizationParameters
        ).url
        let cookie = request.rules.attemptCookie(
            attempt.cookieName, attempt.cookieValue, maxAge: request.rules.attemptLifetime)
        return request.finished(
            Answer.redirect(location, .loginStarted, cookies: surplus + [cookie]), nil)
    }

    /// Attempts beyond the cap are deleted, oldest first: browsers send the oldest first, and too
    /// many would end in "431 Request Header Fields Too Large".
    private var surplus: [SetCookie] {
        let prefix = request.cookieNames.attemptPrefix
        let names = request.cookies.names.filter { $0.hasPrefix(prefix) }
        let excess = names.count + 1 - request.rules.attemptLimit
        return names.prefix(max(0, excess)).filter { name in
            name.bytes.allSatisfy(ASCII.isToken)
        }.map { request.rules.attemptCookie($0, "", maxAge: 0) }
    }
}
