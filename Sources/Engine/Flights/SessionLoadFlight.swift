import Configuration
import Encodings
import JOSE
import OAuth
import Observability
import Sessions

/// What the store knows of a session.
package enum LoadResult: Sendable {
    case session(RememberedSession)
    /// There is none, or it is past its time, or its seal does not open.
    case gone
    case unavailable
    /// A refreshed ID token still waits for its check, and the keys cannot be had.
    case keysUnavailable
}

/// Reads a session's row, opens it and remembers what requests need of it.
///
/// Where a refresh stored its tokens before the new ID token could be checked, the check is made
/// here, before anything is used: the same person, or the session ends (REF-08).
struct SessionLoadFlight: Flight {
    private let ticket: SessionTicket
    private let provider: ByteString
    private var state = State.start

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.reply`, `.noReply`
        case reading
        /// `.result(.session)`
        case opening(SessionRow, stamp: UInt64)
        /// `.landed(.provider)`
        case fetchingKeys(Opened)
        /// `.result(.identity)`
        case checking(Opened, hasFetched: Bool)
        /// `.reply`, `.noReply`
        case ending
    }

    private struct Opened: Sendable {
        var row: SessionRow
        var stamp: UInt64
        var contents: SessionContents
        var csrf: ByteString
    }

    private var key: RowKey { ticket.rowKey }

    init(_ ticket: SessionTicket, provider: ByteString) {
        self.ticket = ticket
        self.provider = provider
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch (state, input) {
        case (.start, .begin):
            state = .reading
            scene.ask(.store(.read(key, now: scene.now.wall)))
            return nil
        case (.reading, .reply(.row(let row, let stamp))):
            guard let ring = scene.configuration.keyRing else { return .load(.unavailable) }
            state = .opening(row, stamp: stamp)
            scene.ask(.job(.openSession(row, ticket, ring)))
            return nil
        case (.reading, .reply):
            scene.tables.sessions[key] = nil
            return .load(.gone)
        case (.opening(let row, let stamp), .result(.session(let contents, let csrf))):
            guard let contents else {
                scene.log(.warning, "a session does not open: its key is no longer in the ring?")
                return .load(.gone)
            }
            let opened = Opened(row: row, stamp: stamp, contents: contents, csrf: csrf)
            return contents.isUnverified ? check(opened, hasFetched: false, &scene)
                : remember(opened, &scene)
        case (.fetchingKeys(let opened), .landed(let landing)):
            return check(opened, hasFetched: landing.hasFetched, &scene)
        case (.checking(let opened, let hasFetched), .result(.identity(let verdict))):
            return checked(opened, verdict, hasFetched: hasFetched, &scene)
        case (.ending, _): return .load(.gone)
        default: return .load(.unavailable)
        }
    }

    // MARK: The check that a refresh owed

    private mutating func check(
        _ opened: Opened, hasFetched: Bool, _ scene: inout Scene
    ) -> Landing? {
        guard
            let check = IdentityCheck.refreshed(
                opened.contents.idToken, accessToken: opened.contents.accessToken,
                of: opened.contents, provider, scene)
        else {
            let mayFetch = !hasFetched && ProviderFlight.joinMissing(provider, &scene)
            return mayFetch ? awaitKeys(opened) : .load(.keysUnavailable)
        }
        state = .checking(opened, hasFetched: hasFetched)
        scene.ask(.job(.verifyIdentity(check)))
        return nil
    }

    private mutating func awaitKeys(_ opened: Opened) -> Landing? {
        state = .fetchingKeys(opened)
        return nil
    }

    private mutating func checked(
        _ opened: Opened, _ verdict: Result<IDToken, TokenRefusal>, hasFetched: Bool,
        _ scene: inout Scene
    ) -> Landing? {
        switch verdict {
        case .success(let idToken):
            var opened = opened
            opened.contents.idClaims = idToken.claims.object
            return remember(opened, &scene)
        case .failure(.unknownKey):
            let isReached = scene.tables.providers[provider]?.trouble.failures == 0
            if hasFetched, isReached { return remember(opened, isProven: false, &scene) }
            let mayFetch = !hasFetched && ProviderFlight.joinUnknownKey(provider, &scene)
            return mayFetch ? awaitKeys(opened) : .load(.keysUnavailable)
        case .failure(let refusal):
            scene.log(.error, "a refreshed ID token is refused (\(refusal.word)): session ended")
            RevocationFlight.launch(opened.contents.refreshToken, provider, &scene)
            state = .ending
            scene.ask(.store(.end(key)))
            return nil
        }
    }

    // MARK: Memory

    private func remember(
        _ opened: Opened, isProven: Bool = true, _ scene: inout Scene
    ) -> Landing? {
        let contents = opened.contents
        // Issuer or client may have changed under the same name since (COK-16).
        guard let settings = scene.configuration.providers[contents.provider],
            let rules = settings.sessions, contents.issuer == settings.issuer,
            contents.clientID == settings.client?.credentials.clientID
        else { return .load(.gone) }
        let session = RememberedSession(
            provider: contents.provider, generation: opened.row.generation,
            accessToken: contents.accessToken, accessExpiry: contents.accessExpiry,
            refreshFrom: RefreshTime.begin(contents, key, opened.row.generation, rules),
            idleExpiry: opened.row.idleExpiry, absoluteExpiry: opened.row.absoluteExpiry,
            canRefresh: contents.refreshToken != nil, isProven: isProven,
            claims: ClaimsSet(contents.idClaims), csrf: opened.csrf, stamp: opened.stamp,
            staleFrom: scene.now.monotonic + rules.memoryAge * 1_000)
        scene.tables.sessions[key] = session
        return .load(.session(session))
    }
}
