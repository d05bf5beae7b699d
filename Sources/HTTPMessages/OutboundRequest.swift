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

/// How a request may travel: what is trusted, through what, to where.
package struct NetworkRoute: Hashable, Sendable {
    /// Which addresses a host name may resolve to; checked on the address that is connected to.
    package enum Addresses: Hashable, Sendable {
        /// The operator named this host: any address.
        case any
        /// A host that only a document named: neither loopback, private, link-local nor the like.
        case publicOnly
    }

    /// PEM file of trusted certificates in place of the system's; absent: the system's.
    package var caFile: ByteString?
    /// `http://host:port` of an egress proxy; absent: none, whatever the environment says.
    package var proxy: ByteString?
    package var addresses: Addresses
    /// Plain http is refused but to loopback, in development.
    package var allowsPlainHTTP: Bool
    /// Until a connection stands, TLS included, in milliseconds.
    package var connectTimeout: Int64

    package init(
        caFile: ByteString? = nil, proxy: ByteString? = nil, addresses: Addresses,
        allowsPlainHTTP: Bool = false, connectTimeout: Int64 = 2_000
    ) {
        self.caFile = caFile
        self.proxy = proxy
        self.addresses = addresses
        self.allowsPlainHTTP = allowsPlainHTTP
        self.connectTimeout = connectTimeout
    }
}

/// What came back.  The body may hold tokens: never log it.
package struct OutboundResponse: Hashable, Sendable {
    package var status: Int
    /// Names in lower case.
    package var headers: [HeaderField]
    package var body: [UInt8]

    package init(status: Int, headers: [HeaderField], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Why nothing came back.
package struct TransportFailure: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case resolve, connect, tls, forbiddenAddress, timeout, tooLarge, cut, shutdown, busy, misuse
    }

    package var kind: Kind
    /// True as soon as a byte of the request may have reached the provider: then its outcome is
    /// unknown.
    package var mayHaveBeenSent: Bool
    /// For the log; no secret.
    package var detail: ByteString

    package init(_ kind: Kind, mayHaveBeenSent: Bool, detail: ByteString = "") {
        self.kind = kind
        self.mayHaveBeenSent = mayHaveBeenSent
        self.detail = detail
    }
}
