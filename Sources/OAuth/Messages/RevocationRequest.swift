package import Encodings
package import HTTPMessages

/// What tells a provider to forget a token.
/// - Source: RFC 7009 §2.1.
package struct RevocationRequest: Hashable, Sendable {
    package enum Hint: ByteString, Hashable, Sendable {
        case refreshToken = "refresh_token"
        case accessToken = "access_token"
    }

    /// Of an answer's body, which nobody reads.
    package static let bodyLimit = 64 << 10

    /// ``ProviderMetadata/revocationEndpoint``.
    package var endpoint: ByteString
    package var credentials: ClientCredentials
    package var token: Secret
    package var hint: Hint

    package init(
        endpoint: ByteString, credentials: ClientCredentials, token: Secret, hint: Hint
    ) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.token = token
        self.hint = hint
    }

    /// - Parameter timeout: of the whole exchange, in milliseconds.
    package func outbound(route: NetworkRoute, timeout: Int64) -> OutboundRequest {
        credentials.post(
            [("token", token.reveal()), ("token_type_hint", hint.rawValue)], to: endpoint,
            route: route, timeout: timeout, bodyLimit: Self.bodyLimit)
    }
}
