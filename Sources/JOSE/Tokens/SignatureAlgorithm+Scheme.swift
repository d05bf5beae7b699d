import Cryptography

extension SignatureAlgorithm {
    /// As it is fully specified for a key of this kind; nil where it can not be meant: ES256 goes
    /// with P-256 only, and so on.
    func specified(for kind: JWK.Kind) -> SignatureAlgorithm? {
        let specified: SignatureAlgorithm =
            switch (self, kind) {
            case (.edDSA, .ed25519): .ed25519
            case (.edDSA, .ed448): .ed448
            default: self
            }
        return specified.fits(kind) ? specified : nil
    }

    /// Nil where only the key tells.
    var scheme: SignatureScheme? {
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
        case .ed448: .ed448
        case .edDSA: nil
        }
    }

    private func fits(_ kind: JWK.Kind) -> Bool {
        switch self {
        case .rs256, .rs384, .rs512, .ps256, .ps384, .ps512: kind == .rsa
        case .es256: kind == .elliptic(.p256)
        case .es384: kind == .elliptic(.p384)
        case .es512: kind == .elliptic(.p521)
        case .ed25519: kind == .ed25519
        case .ed448: kind == .ed448
        case .edDSA: false
        }
    }

    /// The digests that belong to the algorithm, as `at_hash` uses them: one, but for `EdDSA`,
    /// which leaves the curve open.
    /// - Source: OpenID Connect Core §3.1.3.6; RFC 8032 §5.1, §5.2: SHA-512 for Ed25519, 114 bytes
    ///   of SHAKE256 for Ed448.
    package func digests(_ message: [UInt8]) -> [[UInt8]] {
        switch self {
        case .rs256, .ps256, .es256: [Digest.sha256(message)]
        case .rs384, .ps384, .es384: [Digest.sha384(message)]
        case .rs512, .ps512, .es512, .ed25519: [Digest.sha512(message)]
        case .ed448: [Digest.shake256(message, count: 114)]
        case .edDSA: [Digest.sha512(message), Digest.shake256(message, count: 114)]
        }
    }
}
