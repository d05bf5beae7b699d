import Configuration
import Encodings
import HTTPMessages
import JOSE
import Sessions

/// `GET PREFIX/session`: tells a page who is signed in, and for how long.  Never a token; asking
/// neither extends nor refreshes anything.
/// - Source: OAuth for Browser-Based Apps §6.1.2.1; BRW-08.
struct SessionInfoFlow: RequestFlow {
    private let request: BrowserRequest

    init(_ request: BrowserRequest) { self.request = request }

    func patience(_ scene: Scene) -> Int64 { request.rules.requestPatience }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch input {
        case .begin: return arrive(&scene)
        case .landed(.load(.session(let session))): return show(session, scene)
        case .landed(.load(.gone)): return nobody(.sessionUnknown, clearingCookie: true)
        case .landed(.load(.keysUnavailable)): return request.unavailable(.keysUnavailable)
        default: return request.unavailable(.storeUnavailable)
        }
    }

    private func arrive(_ scene: inout Scene) -> Decision? {
        if let answer = EndpointAnswer.wrongMethod(request, .session) { return answer }
        guard
            SameOriginProof.admits(
                request.head, origin: request.rules.origin, allowsCrossSiteReads: false)
        else { return request.refused(403, "Request from another site", .crossSiteRequest) }
        switch request.presented {
        case .nothing: return nobody(.sessionMissing, clearingCookie: false)
        case .repeated: return nobody(.sessionCookieRepeated, clearingCookie: true)
        case .malformed: return nobody(.sessionUnknown, clearingCookie: true)
        case .ticket(let ticket, let stamp):
            if let session = scene.tables.sessions[ticket.rowKey],
                session.isBelievable(stamp, scene.now)
            {
                return show(session, scene)
            }
            return request.joinLoad(&scene) ? nil : nobody(.sessionMissing, clearingCookie: false)
        }
    }

    private func show(_ session: RememberedSession, _ scene: Scene) -> Decision {
        guard session.provider == request.guarded.provider.name, !session.isOver(scene.now) else {
            return nobody(.sessionUnknown, clearingCookie: true)
        }
        // Whom the API sends to the login is not signed in here either.
        guard !session.needsSignIn(scene.now) else {
            return nobody(.refreshImpossible, clearingCookie: false)
        }
        let now = scene.now.wall
        func left(_ expiry: Int64) -> JSONValue { .integer(max(0, expiry &- now)) }
        var claims = JSONObject()
        for name in request.rules.shownClaims {
            if let value = session.claims[name] { claims.append(name, value) }
        }
        let url = request.rules.prefix + "/logout?" + FormEncoding.encode([("csrf", session.csrf)])
        let body: JSONObject = [
            "authenticated": true,
            "claims": .object(claims),
            "token": .object([
                "generation": .integer(Int64(clamping: session.generation)),
                "expires_in": left(session.accessExpiry),
            ]),
            "session": .object([
                "idle_expires_in": left(session.idleExpiry),
                "expires_in": left(session.absoluteExpiry),
            ]),
            "logout": .object(["method": "POST", "url": .string(url)]),
        ]
        return request.finished(Answer.json(body, .sessionShown), .active)
    }

    private func nobody(_ reason: Reason, clearingCookie: Bool) -> Decision {
        let body: JSONObject = [
            "authenticated": false, "login": .string(request.rules.loginPath),
        ]
        return request.finished(
            Answer.json(
                body, reason, cookies: clearingCookie ? [request.clearedCookie] : []),
            clearingCookie ? .ended : SessionState.none)
    }
}
