import Configuration
package import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability
package import Sessions

/// How the second half of a login ended.
package enum LoginResult: Sendable {
    /// There is a session; the browser that waits gets its ticket.
    case signedIn(SessionTicket, returnTo: ByteString)
    /// This attempt's code was sent before, by whomever.
    case spent
    /// Nothing was sent, or nothing came of it that could be kept: begin anew.
    case refused(Reason)
    case unavailable(Reason)
}

/// The second half of a login: a code becomes tokens, and tokens a session.
///
/// That the state is spent is recorded before the code is sent; the code is sent once, whatever
/// happens.  No session exists before every check has passed.
/// - Source: RFC 6749 §4.1.3; OpenID Connect Core §3.1.3; CB-01, CB-07, CB-11, SES-01.
struct LoginFlight: Flight {
    private let attempt: LoginAttempt
    /// Of the attempt's state.
    private let key: RowKey
    private let code: Secret
    /// The session that this browser had: the new one takes its place.
    private let replacing: RowKey?
    private var state = State.start
    private var storeFailures = 0

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.reply`, `.noReply`
        case spending
        /// `.response`, `.noResponse`, then `.result(.tokens)`
        case exchanging
        /// `.landed(.provider)`: the keys are missing
        case fetchingKeys(TokenSet)
        /// `.result(.identity)`
        case checking(TokenSet, hasFetched: Bool)
        /// `.result(.created)`
        case creating(TokenSet)
        /// `.reply`, `.noReply`; and `.fired` between tries
        case storing(TokenSet, SessionTicket, SessionRow)
    }

    init(_ attempt: LoginAttempt, _ key: RowKey, code: Secret, replacing: RowKey?) {
        self.attempt = attempt
        self.key = key
        self.code = code
        self.replacing = replacing
    }

    var awaitsTokenAnswer: Bool {
        switch state {
        case .start, .spending: false
        default: true
        }
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        let result: LoginResult? =
            switch (state, input) {
            case (.start, .begin): spend(&scene)
            case (.spending, .reply(.done)): exchange(&scene)
            case (.spending, .reply): .spent
            case (.spending, _): .unavailable(.storeUnavailable)
            case (.exchanging, .response(let response)): read(response, &scene)
            case (.exchanging, .noResponse(let failure)): unanswered(failure, &scene)
            case (.exchanging, .result(.tokens(let response))): answered(response, &scene)
            case (.fetchingKeys(let tokens), .landed(let landing)):
                check(tokens, hasFetched: landing.hasFetched, &scene)
            case (.checking(let tokens, let hasFetched), .result(.identity(let verdict))):
                checked(tokens, verdict, hasFetched: hasFetched, &scene)
            case (.creating(let tokens), .result(.created(let ticket, let row))):
                store(tokens, ticket, row, &scene)
            case (.creating(let tokens), _): withoutSession(tokens, .randomUnavailable, &scene)
            case (.storing(let tokens, let ticket, let row), .fired):
                store(tokens, ticket, row, &scene)
            case (.storing(_, let ticket, _), .reply(.done)),
                // A key of 256 random bits that exists is our own, of a try whose reply was lost.
                (.storing(_, let ticket, _), .reply(.conflict)):
                .signedIn(ticket, returnTo: attempt.returnTo)
            case (.storing(let tokens, _, _), _): retry(tokens, &scene)
            default: .unavailable(.randomUnavailable)
            }
        return result.map { .login($0) }
    }

    // MARK: The code is sent once

    private mutating func spend(_ scene: inout Scene) -> LoginResult? {
        // The callback has read the metadata; a state is not spent for a code that cannot be sent.
        guard scene.tables.providers[attempt.provider]?.metadata != nil,
            let rules = scene.configuration.providers[attempt.provider]?.sessions
        else { return .unavailable(.providerUnavailable) }
        state = .spending
        scene.ask(
            .store(
                .spend(
                    state: key,
                    expiry: attempt.startedAt &+ rules.attemptLifetime &+ 60)))
        return nil
    }

    private mutating func exchange(_ scene: inout Scene) -> LoginResult? {
        guard let settings = scene.configuration.providers[attempt.provider],
            let rules = settings.sessions,
            let metadata = scene.tables.providers[attempt.provider]?.metadata,
            let request = settings.tokenRequest(
                .code(code, verifier: Secret(attempt.verifier), redirectURI: rules.callbackURL),
                metadata)
        else { return .unavailable(.providerUnavailable) }
        state = .exchanging
        scene.ask(.exchange(request))
        return nil
    }

    private func unanswered(
        _ failure: TransportFailure, _ scene: inout Scene
    ) -> LoginResult? {
        scene.log(
            .warning, "the token endpoint of \(attempt.provider) does not answer: \(failure.detail)"
        )
        return .unavailable(.providerUnavailable)
    }

    private func read(_ response: OutboundResponse, _ scene: inout Scene) -> LoginResult? {
        scene.ask(.job(.readTokens(response, refusals: [])))
        return nil
    }

    private mutating func answered(
        _ response: TokenResponse, _ scene: inout Scene
    ) -> LoginResult? {
        switch response {
        case .tokens(let tokens): return check(tokens, hasFetched: false, &scene)
        case .refused:
            scene.log(.warning, "the provider \(attempt.provider) refuses a code")
            return .refused(.loginCodeRefused)
        case .rejected(let error):
            scene.log(.error, "the token endpoint of \(attempt.provider) rejects us: \(error)")
            return .unavailable(.providerUnavailable)
        case .failed(let status), .unclear(let status):
            scene.log(
                .warning,
                "the token endpoint of \(attempt.provider) answers with "
                    + "status \(ByteString(status))"
            )
            return .unavailable(.providerUnavailable)
        }
    }

    // MARK: Who signed in

    private mutating func check(
        _ tokens: TokenSet, hasFetched: Bool, _ scene: inout Scene
    ) -> LoginResult? {
        guard let idToken = tokens.idToken else {
            scene.log(.error, "the provider \(attempt.provider) gave no ID token")
            return refuse(tokens, &scene)
        }
        guard let settings = scene.configuration.providers[attempt.provider],
            var rules = settings.idTokenRules,
            let keys = scene.tables.providers[attempt.provider]?.usableKeys(scene.now)
        else { return fetchKeys(tokens, hasFetched: hasFetched, isUnknownKey: false, &scene) }
        // Whoever proves it after the login was begun may take the time they need (IDT-10).
        rules.authenticatedSince = settings.client?.maximumAuthenticationAge.map {
            attempt.startedAt &- $0
        }
        state = .checking(tokens, hasFetched: hasFetched)
        scene.ask(
            .job(
                .verifyIdentity(
                    IdentityCheck(
                        token: idToken.reveal(), rules: rules, keys: keys, now: scene.now.wall,
                        accessToken: tokens.accessToken.reveal(),
                        subject: .anyone(nonce: attempt.nonce)))))
        return nil
    }

    private mutating func fetchKeys(
        _ tokens: TokenSet, hasFetched: Bool, isUnknownKey: Bool, _ scene: inout Scene
    ) -> LoginResult? {
        guard
            !hasFetched,
            isUnknownKey
                ? ProviderFlight.joinUnknownKey(attempt.provider, &scene)
                : ProviderFlight.joinMissing(attempt.provider, &scene)
        else {
            RevocationFlight.launch(tokens.refreshToken, attempt.provider, &scene)
            return .unavailable(.keysUnavailable)
        }
        state = .fetchingKeys(tokens)
        return nil
    }

    private mutating func checked(
        _ tokens: TokenSet, _ verdict: Result<IDToken, TokenRefusal>, hasFetched: Bool,
        _ scene: inout Scene
    ) -> LoginResult? {
        switch verdict {
        case .success(let idToken): return create(tokens, idToken, &scene)
        case .failure(.unknownKey) where !hasFetched:
            return fetchKeys(tokens, hasFetched: false, isUnknownKey: true, &scene)
        case .failure(let refusal):
            scene.log(
                .error, "an ID token of \(attempt.provider) is refused: \(refusal.word)")
            return refuse(tokens, &scene)
        }
    }

    /// Tokens that will not be used are not left lying about at the provider.
    private func refuse(_ tokens: TokenSet, _ scene: inout Scene) -> LoginResult? {
        RevocationFlight.launch(tokens.refreshToken, attempt.provider, &scene)
        return .refused(.loginTokenRefused)
    }

    // MARK: The session

    private mutating func create(
        _ tokens: TokenSet, _ idToken: IDToken, _ scene: inout Scene
    ) -> LoginResult? {
        guard let settings = scene.configuration.providers[attempt.provider],
            let client = settings.client, let rules = settings.sessions,
            let ring = scene.configuration.keyRing
        else { return .unavailable(.storeUnavailable) }
        let now = scene.now.wall
        let contents = SessionContents(
            issuer: settings.issuer, clientID: client.credentials.clientID,
            provider: attempt.provider, subject: idToken.subject, authTime: idToken.authTime,
            idClaims: idToken.claims.object, accessToken: tokens.accessToken, obtainedAt: now,
            accessExpiry: now &+ (tokens.expiresIn ?? rules.defaultTokenLifetime),
            scope: tokens.scope, refreshToken: tokens.refreshToken,
            idToken: tokens.idToken ?? Secret("" as ByteString), createdAt: now,
            absoluteExpiry: now &+ rules.absoluteTimeout, isUnverified: false)
        state = .creating(tokens)
        scene.ask(
            .job(
                .createSession(
                    contents, ring, idleExpiry: now &+ rules.idleTimeout,
                    providerSession: idToken.providerSessionID)))
        return nil
    }

    private mutating func store(
        _ tokens: TokenSet, _ ticket: SessionTicket, _ row: SessionRow, _ scene: inout Scene
    ) -> LoginResult? {
        state = .storing(tokens, ticket, row)
        scene.ask(.store(.create(row, replacing: replacing)))
        return nil
    }

    private mutating func retry(_ tokens: TokenSet, _ scene: inout Scene) -> LoginResult? {
        storeFailures += 1
        guard storeFailures <= 5 else {
            return withoutSession(tokens, .storeUnavailable, &scene)
        }
        scene.ask(.timer(at: scene.now.monotonic + 100 * Int64(storeFailures)))
        return nil
    }

    private func withoutSession(
        _ tokens: TokenSet, _ reason: Reason, _ scene: inout Scene
    ) -> LoginResult {
        RevocationFlight.launch(tokens.refreshToken, attempt.provider, &scene)
        return .unavailable(reason)
    }
}
