import Encodings
import Engine
import HTTPMessages
import TokenForge

/// An identity provider that behaves until a test says otherwise.
final class FakeProvider {
    enum Answer: Sendable {
        case response(OutboundResponse)
        case failure(TransportFailure)
        /// Not yet: asked again when the bench releases what it holds.
        case held

        var input: Input? {
            switch self {
            case .response(let response): .response(response)
            case .failure(let failure): .noResponse(failure)
            case .held: nil
            }
        }

        static func json(
            _ object: JSONObject, _ status: Int = 200, _ headers: [HeaderField] = []
        ) -> Answer {
            .response(
                OutboundResponse(
                    status: status,
                    headers: [HeaderField("content-type", "application/json")] + headers,
                    body: object.serialized.bytes))
        }
        static func text(_ text: ByteString, status: Int) -> Answer {
            .response(
                OutboundResponse(
                    status: status, headers: [HeaderField("content-type", "text/html")],
                    body: text.bytes))
        }
        static let refusedConnection = Answer.failure(
            TransportFailure(.connect, mayHaveBeenSent: false, detail: "refused"))
        static let timeout = Answer.failure(
            TransportFailure(.timeout, mayHaveBeenSent: true, detail: "time-out"))
    }

    static let issuer: ByteString = "https://idp.example"

    /// Comes first; nil leaves the answer to the default below.
    var script: (OutboundRequest) -> Answer? = { _ in nil }

    weak var world: World?
    var forge = TokenForge()
    var keys: [TokenForge] = [TokenForge()]
    var metadata: JSONObject = [
        "issuer": .string(issuer),
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/jwks",
        "revocation_endpoint": "https://idp.example/revoke",
        "end_session_endpoint": "https://idp.example/end",
        "code_challenge_methods_supported": ["S256"],
    ]
    /// Seconds that an access token lives.
    var tokenLife: Int64 = 300
    /// Of the login under way; every test's browser brings it from the authorize URL.
    var nonce: ByteString = ""
    /// Changes an ID token before it is signed.
    var adjustIDToken: (inout JSONObject) -> Void = { _ in }
    /// Changes the token endpoint's answer.
    var adjustTokens: (inout JSONObject) -> Void = { _ in }
    private(set) var issued = 0

    func answer(_ request: OutboundRequest) -> Answer {
        if let scripted = script(request) { return scripted }
        if request.url.hasSuffix("/.well-known/openid-configuration") { return .json(metadata) }
        if request.url.hasSuffix("/jwks") { return .json(keySet) }
        if request.url.hasSuffix("/token") { return tokens(Parameters(request.body)) }
        if request.url.hasSuffix("/revoke") { return .text("", status: 200) }
        return .text("not found", status: 404)
    }

    var keySet: JSONObject { ["keys": .array(keys.map { .object($0.jwk) })] }

    /// Of the latest tokens.
    var refreshToken: ByteString { "refresh-\(issued)" }
    var accessToken: ByteString { "access-\(issued)" }

    func tokens(_ form: Parameters) -> Answer {
        issued += 1
        var answer: JSONObject = [
            "access_token": .string(accessToken), "token_type": "Bearer",
            "expires_in": .integer(tokenLife), "refresh_token": .string(refreshToken),
        ]
        if form["grant_type"] == "authorization_code" {
            answer["id_token"] = .string(idToken(nonce: nonce))
        }
        adjustTokens(&answer)
        return .json(answer)
    }

    func idToken(nonce: ByteString?) -> ByteString {
        let wall = world?.wall ?? 0
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": "app", "sub": "alice", "name": "Alice",
            "iat": .integer(wall), "exp": .integer(wall + 300),
        ]
        if let nonce { claims["nonce"] = .string(nonce) }
        adjustIDToken(&claims)
        return forge.token(claims, type: nil)
    }

    /// A good access token for the API.
    func apiToken(_ adjust: (inout JSONObject) -> Void = { _ in }) -> ByteString {
        let wall = world?.wall ?? 0
        var claims: JSONObject = [
            "iss": .string(Self.issuer), "aud": "api", "sub": "alice", "client_id": "app",
            "jti": "1", "scope": "read write", "iat": .integer(wall),
            "exp": .integer(wall + 300),
        ]
        adjust(&claims)
        return forge.token(claims)
    }
}
