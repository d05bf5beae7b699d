package import Encodings

/// How we prove to a provider who we are.
/// - Source: RFC 6749 §2.3.1; OpenID Connect Core §9.
package struct ClientCredentials: Hashable, Sendable {
    /// In the header, or in the form.
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
