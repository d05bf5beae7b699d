import Configuration
import Encodings
import HTTPMessages
import OAuth
import Sessions

/// `POST PREFIX/logout`: ends the session here, then at the provider.
///
/// Needs a proof of same origin like every unsafe request, or the CSRF value that the `session`
/// endpoint hands out; a GET would let any image log people out.
/// - Source: OpenID Connect RP-Initiated Logout §2; OUT-01, OUT-02, BRW-05, BRW-10.
struct LogoutFlow: RequestFlow {
    private let request: BrowserRequest
    private let csrf: ByteString?

    /// - Parameter csrf: the value that belongs to the presented ticket.
    init(_ request: BrowserRequest, csrf: ByteString?) {
        self.request = request
        self.csrf = csrf
    }

    func patience(_ scene: Scene) -> Int64 { request.rules.requestPatience }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? {
        switch input {
        case .begin: return arrive(&scene)
        case .landed(.logout(.ended(let idToken))): return leave(idToken, scene)
        default: return request.unavailable(.storeUnavailable)
        }
    }

    private func arrive(_ scene: inout Scene) -> Decision? {
        if let answer = EndpointAnswer.wrongMethod(request, .logout) { return answer }
        guard isOurs else {
            return request.refused(403, "Request from another site", .crossSiteRequest)
        }
        guard let ticket = request.ticket else { return leave(nil, scene) }
        scene.join(
            .logout(ticket.rowKey),
            LogoutFlight(ticket, provider: request.guarded.provider.name))
        return nil
    }

    /// A CSRF value that is there must be right; it is a proof only where browsers sent none.  One
    /// whose session's cookie is gone proves nothing and does no harm.
    var isOurs: Bool {
        let given = Parameters(request.head.query ?? "")["csrf"]
        let isRight = csrf.flatMap { csrf in
            given.map { ConstantTime.equals(csrf, $0) }
        }
        if SameOriginProof.isUnknown(request.head) { return isRight ?? false }
        return isRight != false
            && SameOriginProof.isProven(request.head, origin: request.rules.origin)
    }

    private func leave(_ idToken: Secret?, _ scene: Scene) -> Decision {
        let home = request.rules.origin + request.rules.landing
        var location = request.rules.landing
        if let client = request.guarded.provider.client, idToken != nil,
            let metadata = scene.tables.providers[request.guarded.provider.name]?.metadata,
            let endpoint = metadata.endSessionEndpoint
        {
            location = EndSessionRequest(
                endpoint: endpoint, clientID: client.credentials.clientID, idTokenHint: idToken,
                postLogoutRedirectURI: home
            ).url
        }
        let attempts = request.cookies.names.filter {
            $0.hasPrefix(request.cookieNames.attemptPrefix)
                && $0.bytes.allSatisfy(ASCII.isToken)
        }.prefix(request.rules.attemptLimit * 2)
        return request.finished(
            Answer.redirect(
                location, .loggedOut,
                cookies: [request.clearedCookie]
                    + attempts.map { request.rules.attemptCookie($0, "", maxAge: 0) }),
            .ended)
    }
}
