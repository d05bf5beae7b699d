import Configuration
import Encodings
import HTTPMessages
import Sessions

/// What all requests under a policy with sessions have in common, and the swap of the cookie.
extension Explanation {
    mutating func add(_ request: BrowserRequest, _ surroundings: Surroundings) {
        let policy = request.guarded.policy
        let mode: ByteString = policy.mode == .session ? "session" : "endpoints"
        add("policy \(policy.name): \(mode), provider \(request.guarded.provider.name)")
        guard let endpoint = Endpoint(target: request.head.target, request.rules) else {
            return addSwap(request, surroundings)
        }
        add(endpoint, request, surroundings)
    }

    private mutating func addSwap(_ request: BrowserRequest, _ surroundings: Surroundings) {
        if RequestKind.isPreflight(request.head) {
            return add("a CORS preflight, answered without CORS fields")
        }
        guard addCookie(request) else { return }
        let reads = request.guarded.policy.allowsCrossSiteReads
        guard addProof(request, allowsCrossSiteReads: reads) else { return }
        addSession(request, surroundings)
    }

    /// - Returns: false where it names no session.
    @discardableResult
    mutating func addCookie(_ request: BrowserRequest) -> Bool {
        let name = request.rules.cookieName
        switch request.presented {
        case .nothing:
            add("cookie \(name): none, and the request \(Self.kind(request))")
        case .repeated: add("cookie \(name): more than once")
        case .malformed: add("cookie \(name): no value that we have made")
        case .ticket:
            add("cookie \(name): one, well-formed")
            return true
        }
        return false
    }

    private static func kind(_ request: BrowserRequest) -> ByteString {
        switch request.kind {
        case .navigation: "opens a page"
        case .script: "is a program's"
        case .preflight: "is a CORS preflight"
        }
    }

    /// - Returns: whether the request may come from where it comes.
    mutating func addProof(_ request: BrowserRequest, allowsCrossSiteReads: Bool) -> Bool {
        let head = request.head
        let admits = SameOriginProof.admits(
            head, origin: request.rules.origin, allowsCrossSiteReads: allowsCrossSiteReads)
        let isUnsafe = SameOriginProof.isUnsafe(head)
        add(
            (isUnsafe ? "it may change something, " : "it reads, ") + Self.proof(head) + ": "
                + (admits ? "good" : "not enough"))
        return admits
    }

    /// What tells where a request comes from: the first that is there.
    static func proof(_ head: RequestHead) -> ByteString {
        if head.has(.fetchSite) { return "Sec-Fetch-Site " + list(head.values(.fetchSite)) }
        if head.has(.origin) { return "Origin " + list(head.values(.origin)) }
        return head.has(.scriptMark)
            ? "a script's own field" : "no Sec-Fetch-Site, Origin or script's own field"
    }

    // MARK: The session

    mutating func addSession(_ request: BrowserRequest, _ surroundings: Surroundings) {
        guard let session = surroundings.session else {
            return add("session: not in memory, the store was asked")
        }
        let now = surroundings.now
        guard session.provider == request.guarded.provider.name else {
            return add("session: of another provider")
        }
        guard !session.isOver(now) else { return add("session: past its time") }
        add("session: generation \(session.generation)")
        add("idle time: \(session.idleExpiry &- now.wall) s left")
        add("session time: \(session.absoluteExpiry &- now.wall) s left")
        addToken(of: session, surroundings)
        if ClaimHeaderEdits.make(request.guarded.policy, session.claims) == nil {
            add("a claim is too long for its header field")
        }
    }

    private mutating func addToken(of session: RememberedSession, _ surroundings: Surroundings) {
        let now = surroundings.now
        let left = session.accessExpiry &- now.wall
        var text: ByteString = left > 0 ? "access token: \(left) s left" : "access token: expired"
        if !session.isProven { text += ", nobody vouches for its ID token" }
        if !session.canRefresh {
            text += ", no refresh token"
        } else if now.wall >= session.refreshFrom {
            text += ", to be refreshed"
        }
        add(text)
        for (trouble, whose) in [
            (surroundings.refreshTrouble, "this session's"),
            (surroundings.provider.tokenTrouble, "the token endpoint's"),
        ] as [(Trouble?, ByteString)] {
            guard let trouble, trouble.failures > 0, !trouble.isOver(now) else { continue }
            add("\(whose) last failure: tried again in \(trouble.notBefore &- now.monotonic) ms")
        }
    }
}
