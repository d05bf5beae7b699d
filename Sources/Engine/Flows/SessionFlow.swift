import Configuration
import Encodings
import HTTPMessages
import JOSE
import Sessions

/// A request with a session cookie: swapped for the session's access token.
///
/// It is decided from memory where memory may stand for the store; a token that is about to expire
/// is renewed behind the request; only an expired one makes it wait.
struct SessionFlow: RequestFlow {
    private let request: BrowserRequest
    private var state = State.start
    /// A session that has just been refreshed is loaded and looked at again, but not for ever.
    private var rounds = 0

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.landed(.load)`, `.outOfPatience`
        case loading
        /// `.landed(.refresh)`, `.outOfPatience`
        case refreshing
    }

    init(_ request: BrowserRequest) { self.request = request }

    func patience(_ scene: Scene) -> Int64 { request.rules.requestPatience }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch (state, input) {
        case (.start, .begin): return arrive(&scene)
        case (.loading, .landed(.load(let result))): return loaded(result, &scene)
        case (.refreshing, .landed(.refresh(let result))): return refreshed(result, &scene)
        case (.refreshing, _): return request.unavailable(.refreshPending)
        default: return request.unavailable(.storeUnavailable)
        }
    }

    // MARK: From memory

    private mutating func arrive(_ scene: inout Scene) -> Decision? {
        if RequestKind.isPreflight(request.head) {
            // Answered without CORS headers: the browser keeps other origins out.
            return request.finished(Decision(.respond(status: 204, body: ""), .preflight), nil)
        }
        let stamp: UInt64
        let key: RowKey
        switch request.presented {
        case .nothing: return request.signInNeeded(.sessionMissing)
        case .repeated: return request.signInNeeded(.sessionCookieRepeated, clearingCookie: true)
        case .malformed: return request.signInNeeded(.sessionUnknown, clearingCookie: true)
        case .ticket(let ticket, let noted): (key, stamp) = (ticket.rowKey, noted)
        }
        guard
            SameOriginProof.admits(
                request.head, origin: request.rules.origin,
                allowsCrossSiteReads: request.guarded.policy.allowsCrossSiteReads)
        else { return request.refused(403, "Request from another site", .crossSiteRequest) }
        if let session = scene.tables.sessions[key], session.isBelievable(stamp, scene.now) {
            return judge(session, &scene)
        }
        return load(&scene)
    }

    private mutating func load(_ scene: inout Scene) -> Decision? {
        rounds += 1
        guard rounds <= 3 else { return request.unavailable(.refreshPending) }
        guard request.joinLoad(&scene) else { return request.signInNeeded(.sessionMissing) }
        state = .loading
        return nil
    }

    // MARK: From the store

    private mutating func loaded(_ result: LoadResult, _ scene: inout Scene) -> Decision? {
        switch result {
        case .session(let session): return judge(session, &scene)
        case .gone: return request.signInNeeded(.sessionUnknown, clearingCookie: true)
        case .unavailable: return request.unavailable(.storeUnavailable)
        case .keysUnavailable: return request.unavailable(.keysUnavailable, offersLogin: true)
        }
    }

    /// What a session whose row is known means for this request.
    private mutating func judge(_ session: RememberedSession, _ scene: inout Scene) -> Decision? {
        // A cookie of one provider's session opens nothing that another provider guards (COK-16).
        guard session.provider == request.guarded.provider.name, !session.isOver(scene.now) else {
            return request.signInNeeded(.sessionUnknown, clearingCookie: true)
        }
        let now = session.isProven ? scene.now.wall : .max
        if now < session.refreshFrom || (!session.canRefresh && now < session.accessExpiry) {
            return forward(session, .active, &scene)
        }
        guard session.canRefresh else { return request.signInNeeded(.refreshImpossible) }
        if now < session.accessExpiry {
            let isTried = launchRefresh(session, waiting: false, &scene)
            return forward(session, isTried ? .refreshing : .active, &scene)
        }
        guard launchRefresh(session, waiting: true, &scene) else {
            return request.unavailable(.refreshFailed, offersLogin: true)
        }
        state = .refreshing
        return nil
    }

    /// - Returns: false while an earlier failure says to wait.
    private func launchRefresh(
        _ session: RememberedSession, waiting: Bool, _ scene: inout Scene
    ) -> Bool {
        guard let ticket = request.ticket, !scene.isStopping,
            scene.tables.refreshTroubles[ticket.rowKey]?.isOver(scene.now) ?? true,
            scene.tables.providers[request.guarded.provider.name]?.tokenTrouble.isOver(scene.now)
                ?? true
        else { return false }
        let flight = RefreshFlight(
            ticket, provider: request.guarded.provider.name, generation: session.generation,
            isProven: session.isProven)
        if waiting {
            scene.join(.refresh(ticket.rowKey), flight)
        } else {
            scene.launch(.refresh(ticket.rowKey), flight)
        }
        return true
    }

    private mutating func refreshed(_ result: RefreshResult, _ scene: inout Scene) -> Decision? {
        switch result {
        case .renewed: return load(&scene)
        case .ended: return request.signInNeeded(.sessionUnknown, clearingCookie: true)
        case .impossible: return request.signInNeeded(.refreshImpossible)
        case .outcomeUnknown: return request.signInNeeded(.refreshOutcomeUnknown)
        case .failed: return request.unavailable(.refreshFailed, offersLogin: true)
        case .storeUnavailable: return request.unavailable(.storeUnavailable)
        case .keysUnavailable: return request.unavailable(.keysUnavailable, offersLogin: true)
        }
    }

    // MARK: The swap

    private func forward(
        _ session: RememberedSession, _ state: SessionState, _ scene: inout Scene
    ) -> Decision {
        guard let claimEdits = ClaimHeaderEdits.make(request.guarded.policy, session.claims) else {
            return request.refused(403, "A claim does not fit into a header", .claimUnfit)
        }
        extendIdleTime(session, &scene)
        let authorization =
            request.guarded.policy.forwardsToken
            ? HeaderText.bearer + session.accessToken.reveal() : nil
        var decision = Decision(
            .forward, .ok,
            upstreamEdits: [HeaderEdit(HeaderText.authorization, authorization)] + claimEdits,
            clientHeaders: HeaderText.personal, claims: session.claims, sessionState: state,
            guardedCookies: request.cookieNames)
        if state == .active { remember(decision, session, &scene) }
        let cookie = request.cookies.removing(where: request.cookieNames.contains)
        decision.upstreamEdits.insert(HeaderEdit(HeaderText.cookie, cookie), at: 1)
        return decision
    }

    /// All of it but the `Cookie` field, which is each request's own.
    private func remember(
        _ decision: Decision, _ session: RememberedSession, _ scene: inout Scene
    ) {
        guard let ticket = request.ticket else { return }
        let idleTimeout = request.rules.idleTimeout
        let touched =
            session.idleExpiry < session.absoluteExpiry
            ? session.idleExpiry - idleTimeout * 9 / 10 : session.absoluteExpiry
        scene.tables.answers.insert(
            RememberedAnswer(
                ticket, request.guarded, stamp: session.stamp,
                goodUntil: min(session.refreshFrom, session.idleExpiry, touched),
                staleFrom: session.staleFrom, Settled(decision)))
    }

    /// The store hears of a session's use about ten times within its idle time, not each time.
    private func extendIdleTime(_ session: RememberedSession, _ scene: inout Scene) {
        let idleTimeout = request.rules.idleTimeout
        let extended = min(scene.now.wall + idleTimeout, session.absoluteExpiry)
        guard let key = request.ticket?.rowKey, !scene.isStopping,
            extended - session.idleExpiry > idleTimeout / 10
        else { return }
        scene.tables.sessions[key]?.idleExpiry = extended
        scene.launch(.touch(key), TouchFlight(key, idleExpiry: extended))
    }
}
