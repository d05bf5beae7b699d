import Configuration
import Encodings
import HTTPMessages
import TokenForge

/// An identity provider with metadata, keys, and tokens for everyone.
struct FuzzedProvider {
    static let accessToken: ByteString = "access-token-of-alice"
    static let refreshToken: ByteString = "refresh-token-of-alice"
    static let clientSecret: ByteString = "client-secret-of-app"

    /// Of the login under way.
    var nonce: ByteString = ""
    /// In place of the tokens.
    var tokenAnswer: OutboundResponse?

    func answer(_ request: OutboundRequest, wall: Int64) -> OutboundResponse {
        if request.url.hasSuffix("/.well-known/openid-configuration") {
            return json([
                "issuer": .string(Signed.issuer),
                "authorization_endpoint": "https://idp.example/authorize",
                "token_endpoint": "https://idp.example/token",
                "jwks_uri": "https://idp.example/jwks",
                "end_session_endpoint": "https://idp.example/end",
            ])
        }
        if request.url.hasSuffix("/jwks") { return json(["keys": [.object(Signed.forge.jwk)]]) }
        guard request.url.hasSuffix("/token") else { return json([:], status: 404) }
        if let tokenAnswer { return tokenAnswer }
        let claims = Signed.idClaims([
            "nonce": .string(nonce), "iat": .integer(wall), "exp": .integer(wall + 300),
            "name": "Älice", "auth_time": 1,
        ])
        return json([
            "access_token": .string(Self.accessToken), "token_type": "Bearer", "expires_in": 300,
            "refresh_token": .string(Self.refreshToken),
            "id_token": .string(Signed.forge.token(claims, type: nil)),
        ])
    }

    private func json(_ object: JSONObject, status: Int = 200) -> OutboundResponse {
        OutboundResponse(
            status: status, headers: [HeaderField("content-type", "application/json")],
            body: object.serialized.bytes)
    }
}

extension Configuration {
    /// Pages with a session, an API with bearer tokens, and endpoints alone.
    static func fuzzed() -> Configuration {
        let keys = SettingsFile(
            "key_file", "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")
        let secret = SettingsFile("client_secret_file", FuzzedProvider.clientSecret)
        let all: [(ByteString?, ByteString, ByteString)] = [
            (nil, "store", "memory"), (nil, "key_file", keys?.path ?? ""),
            ("provider/idp", "issuer", Signed.issuer), ("provider/idp", "client_id", "app"),
            ("provider/idp", "client_secret_file", secret?.path ?? ""),
            ("provider/idp", "origin", "https://app.example"),
            ("policy/web", "mode", "session"), ("policy/web", "provider", "idp"),
            ("policy/web", "claim_headers", "X-User=sub X-Name=name"),
            ("policy/api", "mode", "bearer"), ("policy/api", "provider", "idp"),
            ("policy/api", "audience", Signed.audience),
            ("policy/api", "claim_headers", "X-Sub=sub"),
            ("policy/open", "mode", "endpoints"), ("policy/open", "provider", "idp"),
        ]
        var draft = ConfigurationDraft()
        do throws(ConfigurationError) {
            for (section, name, value) in all {
                try draft.set(section: section, name: name, value: value)
            }
            return try draft.build()
        } catch {
            fatalError("\(error.message)")
        }
    }
}
