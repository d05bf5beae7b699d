package import Encodings

/// A request that we send to an identity provider.  Header fields and body may hold secrets:
/// never log them.
package struct OutboundRequest: Hashable, Sendable {
    package enum Method: Hashable, Sendable { case get, post }

    package var method: Method
    package var url: ByteString
    package var headers: [HeaderField]
    /// Form-encoded; empty for GET.
    package var body: ByteString
    package var route: NetworkRoute
    /// The whole exchange, name resolution included, in milliseconds.
    package var timeout: Int64
    /// The most bytes of an answer's body that are taken; more end the exchange.
    package var bodyLimit: Int

    package init(
        _ method: Method, _ url: ByteString, headers: [HeaderField] = [], body: ByteString = "",
        route: NetworkRoute, timeout: Int64, bodyLimit: Int
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.route = route
        self.timeout = timeout
        self.bodyLimit = bodyLimit
    }
}
