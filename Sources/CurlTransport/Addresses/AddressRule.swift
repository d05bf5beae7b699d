import Encodings
package import HTTPMessages

/// Which addresses an exchange may connect to.
///
/// Asked of each address before a socket is opened for it, and once more before the request is
/// sent, since a connection of an exchange with a wider rule may be used again: the address is the
/// one really connected to, so that neither a second answer of the name service (DNS rebinding) nor
/// an odd spelling leads elsewhere.
package enum AddressRule: Hashable, Sendable {
    case any, publicOnly, loopbackOnly

    /// - Parameter address: nil where it is of a family that we do not know.
    package func admits(_ address: InternetAddress?) -> Bool {
        switch (self, address) {
        case (.any, _): true
        case (_, nil): false
        case (.publicOnly, let address?): address.isPublic
        case (.loopbackOnly, let address?): address.isLoopback
        }
    }

    /// Whether a host may be asked for at all, by its text: all that can be checked where a proxy
    /// connects in our place.
    package func admitsText(of url: URLReference) -> Bool {
        let host = url.host
        switch self {
        case .any: return true
        case .loopbackOnly: return url.isLoopback
        case .publicOnly:
            if url.isLoopback { return false }
            let isLiteral = host.hasPrefix("[") && host.hasSuffix("]")
            let text = isLiteral ? ByteString(host.bytes.dropFirst().dropLast()) : host
            guard let address = InternetAddress(text) else { return !isLiteral }
            return address.isPublic
        }
    }
}
