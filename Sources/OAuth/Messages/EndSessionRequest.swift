package import Encodings

/// What sends a browser to the provider to end its session there too.
/// - Source: OpenID Connect RP-Initiated Logout §2.
package struct EndSessionRequest: Hashable, Sendable {
    /// ``ProviderMetadata/endSessionEndpoint``.
    package var endpoint: ByteString
    package var clientID: ByteString
    /// Personal data that lands in a URL: never log it.
    package var idTokenHint: Secret?
    /// From the configuration, never from a request; without it the browser stays there.
    package var postLogoutRedirectURI: ByteString?

    package init(
        endpoint: ByteString, clientID: ByteString, idTokenHint: Secret? = nil,
        postLogoutRedirectURI: ByteString? = nil
    ) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.idTokenHint = idTokenHint
        self.postLogoutRedirectURI = postLogoutRedirectURI
    }

    package var url: ByteString {
        var parameters: [(ByteString, ByteString)] = [("client_id", clientID)]
        if let idTokenHint { parameters.append(("id_token_hint", idTokenHint.reveal())) }
        if let postLogoutRedirectURI {
            parameters.append(("post_logout_redirect_uri", postLogoutRedirectURI))
        }
        return EndpointURL.adding(parameters, to: endpoint)
    }
}
