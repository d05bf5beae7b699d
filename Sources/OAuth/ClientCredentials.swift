package import Encodings

/// How we prove to a provider who we are.
/// - Source: RFC 6749 §2.3.1; OpenID Connect Core §9.
package struct ClientCredentials: Hashable, Sendable {
    package enum Method: Hashable, Sendable { case basic, post }

    package var clientID: ByteString
    package var secret: Secret
    package var method: Method

    package init(clientID: ByteString, secret: Secret, method: Method = .basic) {
        self.clientID = clientID
        self.secret = secret
        self.method = method
    }
}

/// An answer of the token endpoint that means "this refresh token is refused", beside the
/// `invalid_grant` of RFC 6749 §5.2: some providers send a bare status.
package struct RefusalShape: Hashable, Sendable {
    package var status: Int
    /// The body must be empty; else its `error` must be this.
    package var error: ByteString?

    package init(status: Int, error: ByteString?) {
        self.status = status
        self.error = error
    }
}
