package import Encodings
package import HTTPMessages

/// What asks the token endpoint for tokens: in exchange for a code, or for a refresh token.
package struct TokenRequest: Hashable, Sendable {
    /// In exchange for what.
    package enum Grant: Hashable, Sendable {
        /// - Source: RFC 6749 §4.1.3; RFC 7636 §4.5.
        case code(Secret, verifier: Secret, redirectURI: ByteString)
        /// Without `scope`: the answer has all that was granted.
        /// - Source: RFC 6749 §6.
        case refresh(Secret)
    }

    /// Of an answer's body.
    package static let bodyLimit = 256 << 10

    /// ``ProviderMetadata/tokenEndpoint``.
    package var endpoint: ByteString
    package var credentials: ClientCredentials
    package var grant: Grant

    package init(endpoint: ByteString, credentials: ClientCredentials, grant: Grant) {
        self.endpoint = endpoint
        self.credentials = credentials
        self.grant = grant
    }

    /// - Parameter timeout: of the whole exchange, in milliseconds.
    package func outbound(route: NetworkRoute, timeout: Int64) -> OutboundRequest {
        credentials.post(
            form, to: endpoint, route: route, timeout: timeout, bodyLimit: Self.bodyLimit)
    }

    private var form: [(ByteString, ByteString)] {
        switch grant {
        case .code(let code, let verifier, let redirectURI):
            [
                ("grant_type", "authorization_code"), ("code", code.reveal()),
                ("redirect_uri", redirectURI), ("code_verifier", verifier.reveal()),
            ]
        case .refresh(let token):
            [("grant_type", "refresh_token"), ("refresh_token", token.reveal())]
        }
    }
}
