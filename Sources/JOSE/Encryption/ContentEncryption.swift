package import Cryptography
package import Encodings

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
