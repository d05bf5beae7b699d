package import Encodings

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
    /// What the log and the retries go by.
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
