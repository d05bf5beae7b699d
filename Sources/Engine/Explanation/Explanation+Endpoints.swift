import Configuration
import Encodings
import HTTPMessages
import OAuth
import Sessions

/// In the order of the endpoints' flows, up to what only provider and store can tell.
extension Explanation {
    mutating func add(
        _ endpoint: Endpoint, _ request: BrowserRequest, _ surroundings: Surroundings
    ) {
        switch endpoint {
        case .login: addLogin(request, surroundings)
        case .callback: addCallback(request, surroundings)
        case .logout: addLogout(request)
        case .session: addDocument(request, surroundings)
        case .unknown: add("the path is below the prefix, and none of the endpoints")
        }
    }

    /// - Returns: false for a method that the endpoint does not have.
    private mutating func add(
        _ name: ByteString, _ endpoint: Endpoint, _ request: BrowserRequest
    ) -> Bool {
        let isGood = endpoint.methods.contains(request.head.method)
        add("endpoint \(name), method " + (isGood ? "good" : "not its own"))
        return isGood
    }

    private mutating func addLogin(_ request: BrowserRequest, _ surroundings: Surroundings) {
        guard add("login", .login, request) else { return }
        let head = request.head
        guard RequestKind.mayBePage(head) else {
            return add(
                "Sec-Fetch-Mode \(Self.list(head.values(.fetchMode))), Sec-Fetch-Dest "
                    + "\(Self.list(head.values(.fetchDestination))): no page in a tab")
        }
        let wanted = Parameters(head.query ?? "")["return_to"]
        let isGood = wanted.flatMap { ReturnPath.accept($0, prefix: request.rules.prefix) } != nil
        add(
            "return_to: " + (wanted == nil ? "none" : isGood ? "good" : "no page of ours, left out")
        )
        addMetadata(surroundings)
    }

    private mutating func addMetadata(_ surroundings: Surroundings) {
        guard surroundings.provider.metadata == nil else { return add("metadata: known") }
        add("metadata: none, \(Self.fetching(surroundings.provider))")
    }

    // MARK: Callback

    private mutating func addCallback(_ request: BrowserRequest, _ surroundings: Surroundings) {
        guard add("callback", .callback, request) else { return }
        let parameters = Parameters(request.head.query ?? "")
        guard let state = CallbackFlow.loginState(parameters) else {
            return add("state: not exactly one, or the query is malformed")
        }
        let name = AttemptCookie.name(sessionCookie: request.rules.cookieName, state: state)
        switch request.cookies.lookup(name) {
        case .absent: return add("cookie of that state's attempt: none")
        case .repeated: return add("cookie of that state's attempt: more than once")
        case .once(let value):
            guard let attempt = open(value, state, request, surroundings) else {
                return add(
                    "cookie of that state's attempt: older than "
                        + "\(request.rules.attemptLifetime) s, or sealed with another key")
            }
            add("attempt: begun \(surroundings.now.wall &- attempt.startedAt) s ago")
        }
        guard let metadata = surroundings.provider.metadata else {
            return addMetadata(surroundings)
        }
        switch AuthorizationResponse.parse(
            parameters, issuer: request.guarded.provider.issuer,
            promisesIssuerParameter: metadata.promisesIssuerParameter)
        {
        case .code:
            add("answer: a code")
            add("store and provider were asked")
        case .error(let word): add("answer: the error \(Self.quoted(word))")
        case .refused(let refusal): add("answer: \(refusal.sentence)")
        }
    }

    private func open(
        _ value: ByteString, _ state: ByteString, _ request: BrowserRequest,
        _ surroundings: Surroundings
    ) -> LoginAttempt? {
        guard let ring = surroundings.keyRing else { return nil }
        return AttemptCookie.open(
            value, state: state, sessionCookie: request.rules.cookieName, ring: ring,
            now: surroundings.now.wall, lifetime: request.rules.attemptLifetime)
    }

    // MARK: Logout and session

    private mutating func addLogout(_ request: BrowserRequest) {
        guard add("logout", .logout, request) else { return }
        let own = request.ticket?.csrfValue
        let isOurs = LogoutFlow(request, csrf: own).isOurs
        add(
            "it may change something, \(Self.proof(request.head)), csrf "
                + "\(Self.csrf(Parameters(request.head.query ?? "")["csrf"], own)): "
                + (isOurs ? "good" : "not enough"))
        if isOurs, addCookie(request) { add("the store was asked") }
    }

    private static func csrf(_ given: ByteString?, _ own: ByteString?) -> ByteString {
        guard let given else { return "none" }
        guard let own else { return "of no session" }
        return ConstantTime.equals(given, own) ? "right" : "wrong"
    }

    private mutating func addDocument(_ request: BrowserRequest, _ surroundings: Surroundings) {
        guard add("session", .session, request),
            addProof(request, allowsCrossSiteReads: false), addCookie(request)
        else { return }
        addSession(request, surroundings)
    }
}
