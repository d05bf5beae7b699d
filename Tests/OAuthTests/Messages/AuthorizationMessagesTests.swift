import Encodings
import HTTPMessages
import OAuth
import Testing

@Suite struct AuthorizationRequestTests {
    static func request(
        endpoint: ByteString = "https://idp.example/authorize", clientID: ByteString = "app",
        parameters: [HeaderField] = []
    ) -> AuthorizationRequest {
        AuthorizationRequest(
            endpoint: endpoint, clientID: clientID,
            redirectURI: "https://app.example/auth/callback", scopes: ["openid", "profile"],
            state: "st", nonce: "no", codeChallenge: "ch", parameters: parameters)
    }
    static func sent(_ request: AuthorizationRequest) throws -> Parameters {
        let url = try #require(URLReference(request.url))
        return Parameters(try #require(url.query))
    }

    @Test("LOG-01 LOG-02 A login asks for a code with PKCE S256, state and nonce")
    func members() throws {
        let sent = try Self.sent(Self.request())
        #expect(sent["response_type"] == "code")
        #expect(sent["code_challenge_method"] == "S256")
        #expect(sent["code_challenge"] == "ch")
        #expect(sent["state"] == "st")
        #expect(sent["nonce"] == "no")
        #expect(sent["scope"] == "openid profile")
        #expect(sent["redirect_uri"] == "https://app.example/auth/callback")
        #expect(sent.pairs.count == 8)
    }

    @Test("LOG-13 Parameters are form-encoded once, and the provider decodes the same", arguments: [
        "a&b=c", "sp ace", "100%", "p+lus", "é", "x#y", "\"q\"",
    ] as [ByteString])
    func encoding(text: ByteString) throws {
        #expect(try Self.sent(Self.request(clientID: text))["client_id"] == text)
    }

    @Test("LOG-13 A query of the endpoint is kept, but nothing stands there twice")
    func endpointQuery() throws {
        let sent = try Self.sent(
            Self.request(
                endpoint: "https://idp.example/a?tenant=t%20u&client_id=evil&cl%69ent_id=x"))
        #expect(sent["tenant"] == "t u")
        #expect(sent["client_id"] == "app")
    }

    @Test("LOG-14 Extra parameters go along, but cannot replace our own")
    func extraParameters() throws {
        let sent = try Self.sent(
            Self.request(parameters: [
                HeaderField("prompt", "consent"), HeaderField("redirect_uri", "https://evil"),
                HeaderField("request_uri", "urn:x"), HeaderField("response_mode", "fragment"),
            ]))
        #expect(sent["prompt"] == "consent")
        #expect(sent["redirect_uri"] == "https://app.example/auth/callback")
        #expect(sent.lookup("request_uri") == .absent)
        #expect(sent.lookup("response_mode") == .absent)
    }
}

@Suite struct AuthorizationResponseTests {
    static let issuer: ByteString = "https://idp.example"

    static func parse(_ query: ByteString, promised: Bool = false) -> AuthorizationResponse {
        .parse(Parameters(query), issuer: issuer, promisesIssuerParameter: promised)
    }

    @Test("A code is taken")
    func code() {
        #expect(Self.parse("code=abc&state=s") == .code(Secret("abc" as ByteString)))
    }

    @Test("CB-02 A parameter that stands there twice refuses the answer", arguments: [
        "code=a&code=a&state=s", "code=a&state=s&state=s", "code=a&co%64e=b",
        "code=a&iss=https%3A%2F%2Fidp.example&iss=https%3A%2F%2Fidp.example",
        "error=access_denied&error=x",
    ] as [ByteString])
    func repeated(query: ByteString) {
        #expect(Self.parse(query) == .refused(.repeatedParameter))
    }

    @Test("CB-03 An iss of another provider refuses the answer, promised or not", arguments: [
        "https%3A%2F%2Fevil.example", "https%3A%2F%2Fidp.example%2F",
        "https%3A%2F%2FIDP.example", "",
    ] as [ByteString], [true, false])
    func otherIssuer(claimed: ByteString, promised: Bool) {
        #expect(
            Self.parse("code=a&state=s&iss=" + claimed, promised: promised)
                == .refused(.issuerMismatch))
    }

    @Test("CB-03 An iss that was promised must be there, in errors too", arguments: [
        "code=a&state=s", "error=access_denied&state=s",
    ] as [ByteString])
    func promisedIssuer(query: ByteString) {
        #expect(Self.parse(query, promised: true) == .refused(.issuerMissing))
        #expect(
            Self.parse(query + "&iss=https%3A%2F%2Fidp.example", promised: true)
                != .refused(.issuerMissing))
    }

    @Test("CB-05 An error is one harmless word")
    func error() {
        #expect(Self.parse("error=access_denied&state=s") == .error("access_denied"))
        #expect(
            Self.parse("error=access_denied&error_description=%3Cscript%3E")
                == .error("access_denied"))
        #expect(Self.parse("error=%3Cscript%3E&state=s") == .refused(.malformed))
        #expect(Self.parse("error=a%0D%0Ab&state=s") == .refused(.malformed))
        #expect(Self.parse("error=&state=s") == .refused(.malformed))
    }

    @Test("An answer with a code and an error, with neither, or that cannot be decoded is refused")
    func nonsense() {
        #expect(Self.parse("code=a&error=access_denied") == .refused(.malformed))
        #expect(Self.parse("state=s") == .refused(.noCode))
        #expect(Self.parse("code=%zz&state=s") == .refused(.malformed))
        #expect(Self.parse("code=&state=s") == .refused(.malformed))
        #expect(Self.parse("code=a%00&state=s") == .refused(.malformed))
    }
}
