import Cryptography
import Encodings

// The names of curves, as `crv` has them.  Source: RFC 7518 §6.2.1.1, RFC 8037 §2.

extension EllipticCurve {
    /// - Parameter name: `crv`, compared byte for byte.
    init?(name: ByteString) {
        guard let known = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = known
    }

    var name: ByteString {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }
}

extension OctetCurve {
    /// - Parameter name: `crv` of a key that agrees, compared byte for byte.
    init?(agreement name: ByteString) {
        switch name {
        case "X25519": self = .x25519
        case "X448": self = .x448
        default: return nil
        }
    }
}
