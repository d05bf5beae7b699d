package import Encodings

/// The algorithms by which a token may be signed: an allow-list, asymmetric without exception.
///
/// `none`, HMAC and everything unknown have no value here, so no check can forget to refuse them.
/// - Source: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2, RFC 8725 §3.1, §3.2.
package enum SignatureAlgorithm: Hashable, Sendable, CaseIterable {
    case rs256, rs384, rs512
    case ps256, ps384, ps512
    case es256, es384, es512
    /// Named `Ed25519`, or by its older and vaguer name `EdDSA`.
    case ed25519

    package static let supported = Set(allCases)

    /// - Parameter name: compared byte for byte: `rs256` and `RS256 ` name nothing.
    package init?(name: ByteString) {
        switch name {
        case "EdDSA": self = .ed25519
        default:
            guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
            self = known
        }
    }

    /// The value of `alg`, by its fully specified name.
    package var name: ByteString {
        switch self {
        case .rs256: "RS256"
        case .rs384: "RS384"
        case .rs512: "RS512"
        case .ps256: "PS256"
        case .ps384: "PS384"
        case .ps512: "PS512"
        case .es256: "ES256"
        case .es384: "ES384"
        case .es512: "ES512"
        case .ed25519: "Ed25519"
        }
    }
}
