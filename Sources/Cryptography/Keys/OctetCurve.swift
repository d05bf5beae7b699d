/// The curves whose keys are strings of bytes: Ed25519 and Ed448 sign, X25519 and X448 agree.
/// - Source: RFC 8032, RFC 7748, RFC 8410 §3.
package enum OctetCurve: Hashable, Sendable, CaseIterable {
    case ed25519, ed448, x25519, x448

    /// Of a key, the public and the private one alike.
    package var byteCount: Int {
        switch self {
        case .ed25519, .x25519: 32
        case .x448: 56
        case .ed448: 57
        }
    }

    /// The object identifier's contents.
    var identifier: [UInt8] {
        switch self {
        case .x25519: [0x2B, 0x65, 0x6E]
        case .x448: [0x2B, 0x65, 0x6F]
        case .ed25519: [0x2B, 0x65, 0x70]
        case .ed448: [0x2B, 0x65, 0x71]
        }
    }

    var kind: PublicKey.Kind {
        switch self {
        case .ed25519: .ed25519
        case .ed448: .ed448
        case .x25519: .x25519
        case .x448: .x448
        }
    }
}
