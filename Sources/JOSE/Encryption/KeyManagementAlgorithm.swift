package import Cryptography
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

/// The algorithms by which the content of a token may be encrypted.
/// - Source: RFC 7518 §5.1.
package enum ContentEncryption: Hashable, Sendable, CaseIterable {
    case a128GCM, a192GCM, a256GCM
    case a128CBCHS256, a192CBCHS384, a256CBCHS512

    /// - Parameter name: compared byte for byte.
    package init?(name: ByteString) {
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    /// The value of `enc`.
    package var name: ByteString {
        switch self {
        case .a128GCM: "A128GCM"
        case .a192GCM: "A192GCM"
        case .a256GCM: "A256GCM"
        case .a128CBCHS256: "A128CBC-HS256"
        case .a192CBCHS384: "A192CBC-HS384"
        case .a256CBCHS512: "A256CBC-HS512"
        }
    }

    package var cipher: ContentCipher {
        switch self {
        case .a128GCM: .aes128GCM
        case .a192GCM: .aes192GCM
        case .a256GCM: .aes256GCM
        case .a128CBCHS256: .aes128CBCSHA256
        case .a192CBCHS384: .aes192CBCSHA384
        case .a256CBCHS512: .aes256CBCSHA512
        }
    }
}
