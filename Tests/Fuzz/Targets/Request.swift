import Encodings
import Engine
import HTTPMessages
import Sessions

extension FuzzTarget {
    static let request = FuzzTarget(
        name: "request", about: "whole requests, and the token endpoint's answer to them",
        longest: 24 << 10,
        words: [
            "Cookie: ", "Authorization: Bearer ", "Sec-Fetch-Site: same-origin\n",
            "Sec-Fetch-Mode: navigate\n", "Sec-Fetch-Dest: document\n",
            "Origin: https://app.example\n",
            "Accept: text/html\n", "X-Cloakroom: 1\n", "Upgrade: websocket\n", "/auth/login",
            "/auth/callback?", "/auth/logout", "/auth/session", "return_to=", "code=c&state=",
            "__Host-cloakroom=", "__Host-cloakroom-login-", " web ", " api ", " open ",
            FuzzWorld.shared.cookie.string, FuzzWorld.shared.attempt.string,
            FuzzWorld.shared.state.string,
        ],
        seeds: { requestSeeds() }
    ) { input in
        guard let request = FuzzedRequest(input) else { return }
        let outcome = FuzzWorld.shared.ask(request)
        guard let decision = outcome.decision else {
            return promise(false, "every request is decided")
        }
        promise(outcome.explanation.isPrintableASCII, "the explanation is one line")
        checkFields(decision)
        checkSecrets(decision, outcome)
        checkRecall(outcome, decision)
        guard decision.outcome == .forward, request.policy != "open" else { return }
        request.policy == "api" ? checkBearer(request) : checkSession(request, decision)
    }

    /// Whatever the request said, the host gets header fields that are some.
    private static func checkFields(_ decision: Decision) {
        let fields =
            decision.clientHeaders
            + decision.upstreamEdits.map { HeaderField($0.name, $0.value ?? "") }
        for field in fields {
            promise(
                !field.name.isEmpty && field.name.bytes.allSatisfy(ASCII.isToken),
                "a field has a name: \(field.name)")
            // What is left of a client's cookies is the client's own text.
            promise(
                field.value.isOneLine || field.name == "Cookie" && !field.value.breaksLine,
                "a field is one line: \(field.name)")
        }
        guard let location = decision.clientHeaders.only("location") else { return }
        let isLocal = location.hasPrefix("/") && !location.hasPrefix("//")
        promise(
            isLocal && !location.hasPrefix("/\\") || location.hasPrefix("https://idp.example/"),
            "nobody is sent elsewhere: \(location)")
        promise(location.isPrintableASCII && !location.bytes.contains(0x20), "Location is a URL")
    }

    /// Only the upstream gets tokens, and nobody the client's secret.
    private static func checkSecrets(_ decision: Decision, _ outcome: FuzzWorld.Outcome) {
        var texts = decision.clientHeaders.map(\.value) + outcome.log.map(\.text)
        texts.append(outcome.explanation)
        if case .respond(_, let body) = decision.outcome { texts.append(body) }
        let secrets = [
            FuzzedProvider.accessToken, FuzzedProvider.refreshToken, FuzzedProvider.clientSecret,
        ]
        for text in texts {
            promise(!secrets.contains(where: text.contains), "no secret leaves: \(text)")
        }
        for edit in decision.upstreamEdits {
            promise(
                !secrets.dropFirst().contains { edit.value?.contains($0) == true },
                "the upstream gets the access token only: \(edit.name)")
        }
    }

    /// What is remembered is what a full look gives.
    private static func checkRecall(_ outcome: FuzzWorld.Outcome, _ decision: Decision) {
        guard let (settled, cookie) = outcome.recalled else { return }
        var edits = settled.decision.upstreamEdits
        if let cookie { edits.append(cookie) }
        func sorted(_ edits: [HeaderEdit]) -> [HeaderEdit] { edits.sorted { $0.name < $1.name } }
        promise(sorted(edits) == sorted(decision.upstreamEdits), "a recalled answer edits the same")
        promise(
            settled.decision.outcome == decision.outcome
                && settled.decision.reason == decision.reason
                && settled.decision.clientHeaders == decision.clientHeaders
                && settled.decision.claims == decision.claims, "and says the same")
    }

    private static func checkBearer(_ request: FuzzedRequest) {
        if RequestKind.isPreflight(request.head) { return }
        let lines = request.values("authorization")
        guard case .token(let token) = BearerCredentials(lines) else {
            return promise(false, "no request is forwarded without a token")
        }
        promise(
            Signed.texts.contains(Signed.signedPart(token.bytes)),
            "no request is forwarded with a token that nobody has signed")
    }

    private static func checkSession(_ request: FuzzedRequest, _ decision: Decision) {
        func edit(_ name: ByteString) -> HeaderEdit? {
            decision.upstreamEdits.first { $0.name.lowercased == name }
        }
        if RequestKind.isPreflight(request.head) {
            return promise(edit("authorization")?.value == nil, "a preflight gets no token")
        }
        let found = CookieHeader(request.values("cookie")).lookup(Sealed.cookie)
        promise(
            found == .once(ByteString(FuzzWorld.shared.cookie.bytes.dropFirst(17))),
            "no request is forwarded without the session's cookie")
        promise(edit("authorization") != nil, "the client's own Authorization is replaced")
        guard let cookies = edit("cookie") else {
            return promise(false, "the session's cookie is taken out")
        }
        let left = CookieHeader(cookies.value.map { [$0] } ?? [])
        let ours = GuardedCookies(sessionName: Sealed.cookie)
        promise(!left.names.contains(where: ours.contains), "no cookie of ours goes on")
        promise(
            SameOriginProof.admits(
                request.head, origin: "https://app.example", allowsCrossSiteReads: false),
            "no other site's request is forwarded")
    }

    private static func requestSeeds() -> [[UInt8]] {
        let (world, token) = (FuzzWorld.shared, Signed.tokens[0])
        let page =
            "Sec-Fetch-Site: same-origin\nSec-Fetch-Mode: navigate\nSec-Fetch-Dest: document\n"
        let cookie = "Cookie: a=b; \(world.cookie); c=d\n"
        return inputs(
            "GET / web 0\n\(cookie)\n", "GET / web 0\n\(page)\(cookie)\n",
            "POST /a?b web 5\nOrigin: https://app.example\n\(cookie)\n", "GET /x web 0\n\(page)\n",
            "POST / web 5\nX-Cloakroom: 1\n\(cookie)\n",
            "GET / web 0\nUpgrade: websocket\n\(cookie)\n",
            "GET / web 250\n\(cookie)\n", "GET / web 400\n\(cookie)\n",
            "GET / web 50000\n\(cookie)\n",
            "GET / web 400\n\(cookie)\n400 application/json\n{\"error\":\"invalid_grant\"}",
            "GET / web 400\n\(cookie)\n502 text/html\n", "GET /auth/session web 0\n\(cookie)\n",
            "GET / web 400\n\(cookie)\n200 application/json\n{\"access_token\":\"b\","
                + "\"token_type\":\"Bearer\",\"expires_in\":9}",
            "GET /auth/login?return_to=%2Fx web 0\n\(page)\n", "GET /auth/x web 0\n\n",
            "GET /auth/callback?code=c&state=\(world.state) web 0\nCookie: \(world.attempt)\n\n",
            "GET /auth/callback?error=access_denied&state=\(world.state) web 9\n"
                + "Cookie: \(world.attempt); \(world.cookie)\n\n",
            "POST /auth/logout web 0\nOrigin: https://app.example\n\(cookie)\n",
            "GET /auth/logout web 0\n\(page)\(cookie)\n", "GET / open 0\n\(cookie)\n",
            "GET / api 0\nAuthorization: Bearer \(token)\n\n", "GET / api 0\n\n",
            "GET / none 0\n\n",
            "GET /?access_token=\(token) api 0\n\n", "GET / api 0\nAuthorization: Bearer x\n\n",
            "OPTIONS / web 0\nOrigin: https://b\nAccess-Control-Request-Method: GET\n\(cookie)\n",
            "OPTIONS / api 0\nOrigin: https://b\nAccess-Control-Request-Method: GET\n\n")
    }
}
