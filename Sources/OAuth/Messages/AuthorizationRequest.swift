package import Encodings
package import HTTPMessages

/// What sends a browser to the provider to sign in: always a code, always with PKCE S256.
/// - Source: RFC 6749 §4.1.1; RFC 7636 §4.3; OpenID Connect Core §3.1.2.1; RFC 9700 §2.1.
package struct AuthorizationRequest: Hashable, Sendable {
    /// ``ProviderMetadata/authorizationEndpoint``.
    package var endpoint: ByteString
    package var clientID: ByteString
    /// The same as in the token request, byte for byte.
    package var redirectURI: ByteString
    package var scopes: [ByteString]
    package var state: ByteString
    package var nonce: ByteString
    /// SHA-256 of the attempt's verifier, in base64url.
    package var codeChallenge: ByteString
    /// From the configuration, never from a request (LOG-14); those we set ourselves are left out.
    package var parameters: [HeaderField]

    package init(
        endpoint: ByteString, clientID: ByteString, redirectURI: ByteString, scopes: [ByteString],
        state: ByteString, nonce: ByteString, codeChallenge: ByteString,
        parameters: [HeaderField] = []
    ) {
        self.endpoint = endpoint
        self.clientID = clientID
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.state = state
        self.nonce = nonce
        self.codeChallenge = codeChallenge
        self.parameters = parameters
    }

    /// Parameters that an operator cannot add: those we set, and those that would replace them.
    package static let ownParameters: Set<ByteString> = [
        "client_id", "client_secret", "redirect_uri", "response_type", "response_mode", "scope",
        "state", "nonce", "code_challenge", "code_challenge_method", "request", "request_uri",
        "registration",
    ]

    package var url: ByteString {
        var all: [(ByteString, ByteString)] = [
            ("response_type", "code"),
            ("client_id", clientID),
            ("redirect_uri", redirectURI),
            ("scope", scopes.dropFirst().reduce(scopes.first ?? "") { $0 + " " + $1 }),
            ("state", state),
            ("nonce", nonce),
            ("code_challenge", codeChallenge),
            ("code_challenge_method", "S256"),
        ]
        for parameter in parameters where !Self.ownParameters.contains(parameter.name) {
            all.append((parameter.name, parameter.value))
        }
        return EndpointURL.adding(all, to: endpoint)
    }
}
