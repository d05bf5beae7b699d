import Encodings
import HTTPMessages
import OAuth
import Testing

private let route = NetworkRoute(addresses: .publicOnly)

@Suite struct TokenRequestTests {
    static func credentials(
        _ method: ClientCredentials.Method, id: ByteString = "app", secret: ByteString = "s3"
    ) -> ClientCredentials {
        ClientCredentials(clientID: id, secret: Secret(secret), method: method)
    }
    static func code(_ credentials: ClientCredentials) -> OutboundRequest {
        TokenRequest(
            endpoint: "https://idp.example/token", credentials: credentials,
            grant: .code(
                Secret("c+d" as ByteString), verifier: Secret("ver" as ByteString),
                redirectURI: "https://app.example/auth/callback")
        ).outbound(route: route, timeout: 60_000)
    }

    @Test("CB-07 A code goes with verifier and redirect URI")
    func code() {
        let request = Self.code(Self.credentials(.basic))
        let form = Parameters(request.body)
        #expect(request.method == .post)
        #expect(request.url == "https://idp.example/token")
        #expect(request.timeout == 60_000)
        #expect(request.bodyLimit == 262_144)
        #expect(form["grant_type"] == "authorization_code")
        #expect(form["code"] == "c+d")
        #expect(form["code_verifier"] == "ver")
        #expect(form["redirect_uri"] == "https://app.example/auth/callback")
        #expect(request.headers.only("content-type") == "application/x-www-form-urlencoded")
    }

    @Test("REF-01 A refresh asks for no scope")
    func refresh() {
        let request = TokenRequest(
            endpoint: "https://idp.example/token", credentials: Self.credentials(.basic),
            grant: .refresh(Secret("r" as ByteString))
        ).outbound(route: route, timeout: 60_000)
        #expect(request.body == "grant_type=refresh_token&refresh_token=r")
    }

    @Test("CLI-01 Id and secret are form-encoded before they become base64")
    func basic() {
        let request = Self.code(Self.credentials(.basic, id: "a:b", secret: "p%+é:"))
        // a%3Ab:p%25%2B%C3%A9%3A
        #expect(
            request.headers.only("authorization") == "Basic YSUzQWI6cCUyNSUyQiVDMyVBOSUzQQ==")
    }

    @Test("CLI-04 A request proves who we are in one way only")
    func oneMethod() {
        let basic = Parameters(Self.code(Self.credentials(.basic)).body)
        #expect(basic.lookup("client_id") == .absent)
        #expect(basic.lookup("client_secret") == .absent)
        let post = Self.code(Self.credentials(.post))
        #expect(post.headers.only("authorization") == nil)
        #expect(Parameters(post.body)["client_id"] == "app")
        #expect(Parameters(post.body)["client_secret"] == "s3")
    }

    @Test("REV-01 A revocation names the refresh token and its kind")
    func revocation() {
        let request = RevocationRequest(
            endpoint: "https://idp.example/revoke", credentials: Self.credentials(.basic),
            token: Secret("t" as ByteString)
        ).outbound(route: route, timeout: 5_000)
        #expect(request.body == "token=t&token_type_hint=refresh_token")
        #expect(request.headers.only("authorization") != nil)
    }

    @Test("OUT-02 A logout at the provider has hint, client and place to return to")
    func endSession() throws {
        let request = EndSessionRequest(
            endpoint: "https://idp.example/end?x=1", clientID: "app",
            idTokenHint: Secret("h.i.j" as ByteString),
            postLogoutRedirectURI: "https://app.example/auth/logout")
        let sent = Parameters(try #require(URLReference(request.url)?.query))
        #expect(sent["x"] == "1")
        #expect(sent["client_id"] == "app")
        #expect(sent["id_token_hint"] == "h.i.j")
        #expect(sent["post_logout_redirect_uri"] == "https://app.example/auth/logout")
        let bare = EndSessionRequest(endpoint: "https://idp.example/end", clientID: "app")
        #expect(bare.url == "https://idp.example/end?client_id=app")
    }
}

@Suite struct TokenResponseTests {
    static func parse(
        _ status: Int, _ body: String, type: ByteString? = "application/json",
        refusals: [RefusalShape] = []
    ) -> TokenResponse {
        let headers = type.map { [HeaderField("content-type", $0)] } ?? []
        return .parse(
            OutboundResponse(status: status, headers: headers, body: Array(body.utf8)),
            refusals: refusals)
    }
    static func tokens(_ members: String) -> TokenSet? {
        let body = #"{"access_token":"at","token_type":"Bearer"\#(members)}"#
        guard case .tokens(let set) = parse(200, body) else { return nil }
        return set
    }

    @Test("CB-08 Tokens are read")
    func tokens() throws {
        let set = try #require(
            Self.tokens(
                #","expires_in":15,"refresh_token":"rt","id_token":"i.d.t","scope":"openid a""#))
        #expect(set.accessToken.reveal() == "at")
        #expect(set.refreshToken?.reveal() == "rt")
        #expect(set.idToken?.reveal() == "i.d.t")
        #expect(set.expiresIn == 15)
        #expect(set.scope == "openid a")
    }

    @Test("REF-02 No refresh token in the answer, null or empty text mean: keep the old one",
        arguments: ["", #","refresh_token":null"#, #","refresh_token":"""#])
    func noRefreshToken(members: String) throws {
        #expect(try #require(Self.tokens(members)).refreshToken == nil)
    }

    @Test("CB-08 The token type is compared without case",
        arguments: ["bearer", "BEARER", "Bearer"])
    func tokenType(type: String) {
        let answer = Self.parse(200, #"{"access_token":"at","token_type":"\#(type)"}"#)
        #expect(answer == .tokens(TokenSet(accessToken: Secret("at" as ByteString))))
    }

    @Test("CB-08 A success that cannot be used leaves the outcome unclear", arguments: [
        #"{"access_token":"at"}"#,
        #"{"access_token":"at","token_type":"mac"}"#,
        #"{"access_token":"at","token_type":"DPoP"}"#,
        #"{"access_token":7,"token_type":"Bearer"}"#,
        #"{"access_token":"","token_type":"Bearer"}"#,
        #"{"access_token":"a b","token_type":"Bearer"}"#,
        #"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#,
        #"{"access_token":"at","token_type":"Bearer","refresh_token":["rt"]}"#,
        #"{"access_token":"at","token_type":"Bearer","id_token":{}}"#,
        #"{"access_token":"at","access_token":"bt","token_type":"Bearer"}"#,
        #"{"error":"invalid_grant"}"#,
        #"["access_token"]"#, "<html>", "", #"{"access_token":"at","token_type":"Bearer""#,
    ])
    func unusable(body: String) {
        #expect(Self.parse(200, body) == .unclear(status: 200))
    }

    @Test("CB-09 expires_in may be missing, is clamped, and is no text", arguments: [
        ("", nil), (#","expires_in":null"#, nil), (#","expires_in":-5"#, 0),
        (#","expires_in":9223372036854775807"#, 31_536_000), (#","expires_in":1e300"#, 31_536_000),
        (#","expires_in":-1e300"#, 0), (#","expires_in":59.9"#, 59),
    ] as [(String, Int64?)])
    func lifetime(members: String, seconds: Int64?) throws {
        #expect(try #require(Self.tokens(members)).expiresIn == seconds)
    }

    @Test("CB-09 An expires_in that is no number makes the answer unusable", arguments: [
        #","expires_in":"3600""#, #","expires_in":true"#, #","expires_in":[1]"#,
    ])
    func badLifetime(members: String) { #expect(Self.tokens(members) == nil) }

    @Test("The media type may have parameters, and must be JSON")
    func mediaType() {
        let body = #"{"access_token":"at","token_type":"Bearer"}"#
        for type: ByteString in [
            "application/json", "Application/JSON;charset=UTF-8", "application/json ; charset=x",
            "application/x+json",
        ] {
            #expect(Self.parse(200, body, type: type) != .unclear(status: 200), "\(type)")
        }
        for type: ByteString? in ["text/html", "text/plain", "application/jsonx", nil] {
            #expect(Self.parse(200, body, type: type) == .unclear(status: 200))
        }
    }

    @Test("REF-06 invalid_grant is a refusal", arguments: [400, 401])
    func invalidGrant(status: Int) {
        #expect(Self.parse(status, #"{"error":"invalid_grant"}"#) == .refused)
        #expect(Self.parse(status, #"{"error":"invalid_grant"}"#, type: "text/plain") == .refused)
    }

    @Test("REF-06 Other error words are no refusal", arguments: [
        "invalid_client", "invalid_request", "unauthorized_client", "unsupported_grant_type",
        "temporarily_unavailable", "Invalid_Grant", "invalid_token",
    ] as [ByteString])
    func otherErrors(word: ByteString) {
        #expect(Self.parse(400, #"{"error":"\#(word)"}"#) == .rejected(word))
    }

    @Test("REF-07 HTML, empty bodies and unknown shapes do not end a session", arguments: [
        "", "<html>invalid_grant</html>", "invalid_grant", #""invalid_grant""#,
        #"{"error":["invalid_grant"]}"#, #"{"error":{"error":"invalid_grant"}}"#, "{}",
        #"{"error":"invalid_grant","error":"invalid_grant"}"#,
    ], [400, 401, 403])
    func unknownShapes(body: String, status: Int) {
        #expect(Self.parse(status, body) == .failed(status: status))
    }

    @Test("REF-07 A setting names further refusals, exactly")
    func refusalShapes() {
        let empty = [RefusalShape(status: 400, error: nil)]
        #expect(Self.parse(400, "", type: nil, refusals: empty) == .refused)
        #expect(Self.parse(403, "", refusals: empty) == .failed(status: 403))
        #expect(Self.parse(400, "<html>", refusals: empty) == .failed(status: 400))
        #expect(
            Self.parse(400, #"{"error":"invalid_client"}"#, refusals: empty)
                == .rejected("invalid_client"))
        let word = [RefusalShape(status: 403, error: "invalid_token")]
        #expect(Self.parse(403, #"{"error":"invalid_token"}"#, refusals: word) == .refused)
        #expect(
            Self.parse(400, #"{"error":"invalid_token"}"#, refusals: word)
                == .rejected("invalid_token"))
    }

    @Test("REF-06 Time-outs and limits on the way are no refusal, whatever they say",
        arguments: [408, 429, 500, 503])
    func transient(status: Int) {
        #expect(Self.parse(status, #"{"error":"invalid_grant"}"#) == .failed(status: status))
    }

    @Test("REF-05 A gateway without an answer leaves the outcome unclear",
        arguments: [502, 504, 520, 524])
    func gateway(status: Int) {
        #expect(Self.parse(status, "") == .unclear(status: status))
    }

    @Test("CB-05 An error word that could break a log line is not passed on")
    func hostileErrorWord() {
        #expect(Self.parse(400, #"{"error":"a\nb"}"#) == .rejected("unreadable_error"))
    }
}
