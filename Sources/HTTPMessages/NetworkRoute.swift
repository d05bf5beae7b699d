package import Encodings

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
