import Cryptography
package import Encodings

/// The algorithms by which the key of an encrypted token may reach us: an allow-list.
///
/// `RSA1_5` (Bleichenbacher's attack), `dir`, `A128KW` and its like (who encrypts could read) and
/// PBES2 (whose `p2c` makes us count) have no value here, so no check can forget to refuse them.
/// - Source: RFC 7518 §4.1, RFC 8725 §3.2.
package enum KeyManagementAlgorithm: Hashable, Sendable, CaseIterable {
    case rsaOAEP, rsaOAEP256
    case ecdhES
    case ecdhESA128KW, ecdhESA192KW, ecdhESA256KW

    /// - Parameter name: compared byte for byte.
    package init?(name: ByteString) {
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// The value of `alg`.
    package var name: ByteString {
        switch self {
        case .rsaOAEP: "RSA-OAEP"
        case .rsaOAEP256: "RSA-OAEP-256"
        case .ecdhES: "ECDH-ES"
        case .ecdhESA128KW: "ECDH-ES+A128KW"
        case .ecdhESA192KW: "ECDH-ES+A192KW"
        case .ecdhESA256KW: "ECDH-ES+A256KW"
        }
    }

    package var isAgreement: Bool { self != .rsaOAEP && self != .rsaOAEP256 }

    /// Of the key that wraps the content's, in bytes; nil where the agreed one is the content's.
    var wrappingKeyCount: Int? {
        switch self {
        case .ecdhESA128KW: 16
        case .ecdhESA192KW: 24
        case .ecdhESA256KW: 32
        default: nil
        }
    }

    /// Whether a key of this kind can be meant.
    func fits(_ kind: PrivateKey.Kind) -> Bool { isAgreement == (kind != .rsa) }
}
