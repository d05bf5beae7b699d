import Cryptography

extension SignatureAlgorithm {
    var scheme: SignatureScheme {
        switch self {
        case .rs256: .pkcs1(.sha256)
        case .rs384: .pkcs1(.sha384)
        case .rs512: .pkcs1(.sha512)
        case .ps256: .pss(.sha256)
        case .ps384: .pss(.sha384)
        case .ps512: .pss(.sha512)
        case .es256: .ecdsa(.sha256)
        case .es384: .ecdsa(.sha384)
        case .es512: .ecdsa(.sha512)
        case .ed25519: .ed25519
        }
    }

    /// Whether a key of this kind can be meant: ES256 goes with P-256 only, and so on.
    func fits(_ kind: JWK.Kind) -> Bool {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: kind == .rsa
        case .es256: kind == .elliptic(.p256)
        case .es384: kind == .elliptic(.p384)
        case .es512: kind == .elliptic(.p521)
        case .ed25519: kind == .ed25519
        }
    }

    /// The digest that belongs to the algorithm, as `at_hash` uses it.
    /// - Source: OpenID Connect Core §3.1.3.6; for Ed25519 it is SHA-512.
    package func digest(_ message: [UInt8]) -> [UInt8] {
        switch self {
        case .rs256, .ps256, .es256: Digest.sha256(message)
        case .rs384, .ps384, .es384: Digest.sha384(message)
        case .rs512, .ps512, .es512, .ed25519: Digest.sha512(message)
        }
    }
}
