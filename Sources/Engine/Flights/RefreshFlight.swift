import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability
import Sessions

/// How a refresh ended.
package enum RefreshResult: Sendable {
    /// The store holds newer tokens, whoever fetched them: load the session again.
    case renewed
    /// There is no such session any more.
    case ended
    /// The session has no refresh token.
    case impossible
    /// The refresh token was presented as often as it may be, and nobody knows with what result.
    case outcomeUnknown
    /// Not this time; the session stays.
    case failed
    case storeUnavailable
    case keysUnavailable
}

/// One refresh of one session, whoever waits for it, or nobody.
///
/// Across workers and machines: the lease and the intent to present this generation's refresh
/// token are committed *before* the provider is asked; the result is stored *before* anyone uses
/// it, under the lease's epoch.  A loser re-reads and uses the winner's tokens.  Only a clear
/// refusal ends the session; an unknown outcome leaves the intent standing, and the token is
/// presented once more at most.
/// - Source: the page `Refresh`; REF-01 to REF-13.
struct RefreshFlight: Flight {
    let ticket: SessionTicket
    let provider: ByteString
    /// The generation that is about to expire.
    let generation: UInt64
    /// False where the answer must bring an ID token: the latest one cannot be checked.
    let isProven: Bool
    var state = State.start
    private var polls: Int64 = 0
    var failedWrites = 0
    private var hasFetchedProvider = false

    enum State: Sendable {
        /// `.begin`
        case start
        /// `.landed(.provider)`
        case fetchingProvider
        /// `.reply`, `.noReply`
        case leasing
        /// `.fired`: another owner is at it
        case waiting
        /// `.result(.session)`
        case opening(Lease, SessionRow)
        /// `.response`, `.noResponse`
        case exchanging(Lease, SessionContents)
        /// `.result(.tokens)`
        case reading(Lease, SessionContents)
        /// `.result(.identity)`
        case checking(Lease, Renewal)
        /// `.result(.sealed)`; and `.fired` between tries
        case sealing(Lease, Renewal)
        /// `.reply`, `.noReply`; and `.fired` between tries
        case committing(Lease, Renewal, sealed: [UInt8])
        /// `.reply`, `.noReply`; and `.fired` between tries: the lease is given back, or the
        /// session ended
        case closing(RefreshResult, StoreCommand)
    }

    /// What the provider gave.  It replaces what the session held, and is never dropped.
    struct Renewal: Sendable {
        var contents: SessionContents
        /// Of the row that it replaces.
        var generation: UInt64
    }

    var key: RowKey { ticket.rowKey }

    init(_ ticket: SessionTicket, provider: ByteString, generation: UInt64, isProven: Bool) {
        self.ticket = ticket
        self.provider = provider
        self.generation = generation
        self.isProven = isProven
    }

    var awaitsTokenAnswer: Bool {
        switch state {
        case .exchanging, .reading, .checking, .sealing, .committing: true
        default: false
        }
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        let result: RefreshResult? =
            switch (state, input) {
            case (.start, .begin), (.fetchingProvider, .landed), (.waiting, .fired):
                takeLease(&scene)
            case (.leasing, .reply(let reply)): leaseAnswered(reply, &scene)
            case (.leasing, _): .storeUnavailable
            case (.opening(let lease, let row), .result(.session(let contents, _))):
                present(lease, row, contents, &scene)
            case (.exchanging(let lease, let contents), .response(let response)):
                read(response, lease, contents, &scene)
            case (.exchanging(let lease, _), .noResponse(let failure)):
                failed(lease, failure, &scene)
            case (.reading(let lease, let contents), .result(.tokens(let response))):
                answered(response, lease, contents, &scene)
            case (.checking(let lease, let renewal), .result(.identity(let verdict))):
                checked(lease, renewal, verdict, &scene)
            case (.sealing(let lease, let renewal), .result(.sealed(let sealed))):
                commit(lease, renewal, sealed, &scene)
            case (.sealing(let lease, let renewal), .fired): seal(lease, renewal, &scene)
            case (.committing(let lease, let renewal, let sealed), .fired):
                commit(lease, renewal, sealed, &scene)
            case (.committing(_, let renewal, _), .reply(let reply)):
                committed(renewal, reply, &scene)
            case (.committing, _): tryAgain(&scene)
            // Another owner has taken over: whatever was refused here, it may have been renewed.
            case (.closing(.ended, _), .reply(.superseded)): .renewed
            case (.closing(let result, _), .reply): result
            case (.closing(let result, let command), .fired): close(command, result, &scene)
            case (.closing, _): tryAgain(&scene)
            default: .failed
            }
        return result.map { .refresh($0) }
    }

    // MARK: Lease and intent

    private mutating func takeLease(_ scene: inout Scene) -> RefreshResult? {
        guard let settings = scene.configuration.providers[provider], let client = settings.client
        else { return .failed }
        guard scene.tables.providers[provider]?.metadata != nil else {
            // The token endpoint is not known: no lease is taken that could not be used.
            guard !hasFetchedProvider, ProviderFlight.joinMissing(provider, &scene) else {
                return .failed
            }
            hasFetchedProvider = true
            state = .fetchingProvider
            return nil
        }
        state = .leasing
        scene.ask(
            .store(
                .beginRefresh(
                    key, generation: generation, owner: scene.owner,
                    // Ends well after the exchange: an owner that lives is never overtaken.
                    leaseMilliseconds: settings.network.exchangeTimeout + 15_000,
                    presentations: client.presentsUnknownOutcomeAgain ? 2 : 1,
                    now: scene.now.wall)))
        return nil
    }

    private mutating func leaseAnswered(
        _ reply: StoreReply, _ scene: inout Scene
    ) -> RefreshResult? {
        switch reply {
        case .granted(let lease, let row, _):
            guard let ring = scene.configuration.keyRing else { return .failed }
            state = .opening(lease, row)
            scene.ask(.job(.openSession(row, ticket, ring)))
            return nil
        case .newer:
            forget(&scene)
            return .renewed
        case .leased(let remaining):
            polls += 1
            state = .waiting
            let pause = min(max(1, remaining), 100 * min(polls, 5))
            scene.ask(.timer(at: scene.now.monotonic + pause))
            return nil
        case .exhausted:
            scene.log(
                .warning,
                "a refresh token was presented as often as it may be, and no answer is known: "
                    + "the next login replaces this session"
            )
            // Nobody need ask again while the present token serves.
            if let expiry = scene.tables.sessions[key]?.accessExpiry {
                scene.tables.sessions[key]?.refreshFrom = expiry
            }
            return .outcomeUnknown
        default:
            forget(&scene)
            return .ended
        }
    }

    // MARK: The exchange

    private mutating func present(
        _ lease: Lease, _ row: SessionRow, _ contents: SessionContents?, _ scene: inout Scene
    ) -> RefreshResult? {
        guard let settings = scene.configuration.providers[provider],
            let metadata = scene.tables.providers[provider]?.metadata,
            let contents, contents.provider == provider, contents.issuer == settings.issuer,
            row.generation == generation, let refreshToken = contents.refreshToken,
            let request = settings.tokenRequest(.refresh(refreshToken), metadata)
        else { return close(lease, wasPresented: false, .impossible, &scene) }
        if lease.presentation > 1 {
            scene.log(
                .warning, "a refresh token is presented once more: its first answer is unknown")
        }
        state = .exchanging(lease, contents)
        scene.ask(.exchange(request))
        return nil
    }

    private mutating func read(
        _ response: OutboundResponse, _ lease: Lease, _ contents: SessionContents,
        _ scene: inout Scene
    ) -> RefreshResult? {
        let refusals = scene.configuration.providers[provider]?.client?.refusals ?? []
        state = .reading(lease, contents)
        scene.ask(.job(.readTokens(response, refusals: refusals)))
        return nil
    }

    private mutating func answered(
        _ response: TokenResponse, _ lease: Lease, _ contents: SessionContents,
        _ scene: inout Scene
    ) -> RefreshResult? {
        switch response {
        case .tokens(let tokens):
            scene.tables.providers[provider]?.tokenTrouble = Trouble()
            scene.tables.refreshTroubles[key] = nil
            guard isProven || tokens.idToken != nil else {
                scene.log(.error, "nobody can tell whom a session belongs to: session ended")
                RevocationFlight.launch(
                    tokens.refreshToken ?? contents.refreshToken, provider, &scene)
                return end(lease, &scene)
            }
            return check(lease, renewal(of: contents, tokens, scene), &scene)
        case .refused:
            scene.log(.info, "the provider refuses a refresh token: session ended")
            return end(lease, &scene)
        case .rejected(let error):
            scene.log(.error, "the token endpoint of \(provider) rejects us: \(error)")
            fail(&scene)
            return close(lease, wasPresented: false, .failed, &scene)
        case .failed(let status):
            scene.log(
                .warning,
                "the token endpoint of \(provider) fails with status \(ByteString(status))")
            fail(&scene)
            return close(lease, wasPresented: false, .failed, &scene)
        case .unclear(let status):
            scene.log(
                .warning,
                "the token endpoint of \(provider) gives no clear answer, "
                    + "status \(ByteString(status))"
            )
            fail(&scene)
            return close(lease, wasPresented: true, .failed, &scene)
        }
    }

    private mutating func failed(
        _ lease: Lease, _ failure: TransportFailure, _ scene: inout Scene
    ) -> RefreshResult? {
        scene.log(.warning, "the token endpoint of \(provider) does not answer: \(failure.detail)")
        fail(&scene)
        return close(lease, wasPresented: failure.mayHaveBeenSent, .failed, &scene)
    }

    private func renewal(
        of old: SessionContents, _ tokens: TokenSet, _ scene: Scene
    ) -> Renewal {
        var contents = old
        contents.accessToken = tokens.accessToken
        contents.obtainedAt = scene.now.wall
        let standard = scene.configuration.providers[provider]?.sessions?.defaultTokenLifetime
        contents.accessExpiry = scene.now.wall &+ (tokens.expiresIn ?? standard ?? 300)
        // No new refresh token in the answer: the old one stays good (RFC 6749 §6).
        contents.refreshToken = tokens.refreshToken ?? old.refreshToken
        contents.scope = tokens.scope ?? old.scope
        // What was owed for the old one was done when the session was loaded; its `at_hash` would
        // not fit the new access token.
        contents.isUnverified = tokens.idToken != nil
        if let idToken = tokens.idToken { contents.idToken = idToken }
        return Renewal(contents: contents, generation: generation)
    }
}
