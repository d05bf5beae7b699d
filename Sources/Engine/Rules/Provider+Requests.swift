import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth

/// Requests and rules as this provider's settings want them.
extension Provider {
    /// - Returns: nil where we are no client of the provider.
    func tokenRequest(
        _ grant: TokenRequest.Grant, _ metadata: ProviderMetadata
    ) -> OutboundRequest? {
        guard let client, let route = route(to: metadata.tokenEndpoint) else { return nil }
        return TokenRequest(
            endpoint: metadata.tokenEndpoint, credentials: client.credentials, grant: grant
        ).outbound(route: route, timeout: network.exchangeTimeout)
    }

    /// - Returns: nil where the provider revokes nothing.
    func revocationRequest(
        _ refreshToken: Secret, _ metadata: ProviderMetadata
    ) -> OutboundRequest? {
        guard let client, let endpoint = metadata.revocationEndpoint,
            let route = route(to: endpoint)
        else { return nil }
        return RevocationRequest(
            endpoint: endpoint, credentials: client.credentials, token: refreshToken
        ).outbound(route: route, timeout: network.requestTimeout)
    }

    private func route(to url: ByteString) -> NetworkRoute? {
        URLReference(url).map { route(to: $0) }
    }

    var idTokenRules: IDTokenRules? {
        client.map { client in
            IDTokenRules(
                issuer: issuer, clientID: client.credentials.clientID,
                algorithms: tokens.idAlgorithms, leeway: tokens.leeway)
        }
    }
}
