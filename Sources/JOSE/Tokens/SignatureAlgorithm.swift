package import Encodings

/// The algorithms by which a token may be signed: an allow-list, asymmetric without exception.
///
/// `none`, HMAC and everything unknown have no value here, so no check can forget to refuse them.
/// - Source: RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2, RFC 8725 §3.1, §3.2.
package enum SignatureAlgorithm: UInt8, Hashable, Sendable, CaseIterable {
    case rs256, rs384, rs512
    case ps256, ps384, ps512
    case es256, es384, es512
    case ed25519, ed448
    /// The older and vaguer name of the two before: the key tells which is meant.
    case edDSA

    package static let supported = Set(allCases)

    /// - Parameter name: compared byte for byte: `rs256` and `RS256 ` name nothing.  Of the fully
    ///   specified names, RFC 9864 registers the two of Edwards curves for JOSE; `ESP256` and its
    ///   like are for COSE, since `ES256` is fully specified here.
    package init?(name: ByteString) {
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// What a list admits that names this algorithm: `EdDSA` also speaks for the curves' own names,
    /// which say the same more clearly.  The other way round it does not.
    package var admitted: Set<SignatureAlgorithm> {
        self == .edDSA ? [.edDSA, .ed25519, .ed448] : [self]
    }

    /// The value of `alg`.
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
        case .ed448: "Ed448"
        case .edDSA: "EdDSA"
        }
    }
}
