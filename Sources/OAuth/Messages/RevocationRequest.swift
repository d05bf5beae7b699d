package import Encodings
package import HTTPMessages

/// What tells a provider to forget a refresh token.
/// - Source: RFC 7009 §2.1.
package struct RevocationRequest: Hashable, Sendable {
    /// Of an answer's body, which nobody reads.
    package static let bodyLimit = 64 << 10

    /// ``ProviderMetadata/revocationEndpoint``.
    package var endpoint: ByteString
    package var credentials: ClientCredentials
    package var token: Secret

    package init(endpoint: ByteString, credentials: ClientCredentials, token: Secret) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.token = token
    }

    /// - Parameter timeout: of the whole exchange, in milliseconds.
    package func outbound(route: NetworkRoute, timeout: Int64) -> OutboundRequest {
        credentials.post(
            [("token", token.reveal()), ("token_type_hint", "refresh_token")], to: endpoint,
            route: route, timeout: timeout, bodyLimit: Self.bodyLimit)
    }
}
