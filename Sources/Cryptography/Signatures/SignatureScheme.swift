/// How a signature is made from a message, hash function included.
package enum SignatureScheme: Hashable, Sendable {
    case pkcs1(Hash)
    /// Salt as long as the digest, MGF1 with the same hash: what RFC 7518 §3.5 asks.
    case pss(Hash)
    /// r and s side by side.
    case ecdsa(Hash)
    case ed25519
    case ed448

    package enum Hash: Hashable, Sendable { case sha256, sha384, sha512 }
}

extension SignatureScheme.Hash {
    var algorithm: DigestAlgorithm {
        switch self {
        case .sha256: .sha256
        case .sha384: .sha384
        case .sha512: .sha512
        }
    }
}
