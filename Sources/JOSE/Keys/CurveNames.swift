import Cryptography
import Encodings

// The names of curves, as `crv` has them.  Source: RFC 7518 §6.2.1.1, RFC 8037 §2.

extension EllipticCurve {
    /// - Parameter name: `crv`, compared byte for byte.
    init?(name: ByteString) {
        switch name {
        case "P-256": self = .p256
        case "P-384": self = .p384
        case "P-521": self = .p521
        default: return nil
        }
    }
}

extension OctetCurve {
    /// - Parameter name: `crv` of a key that agrees.
    init?(agreement name: ByteString) {
        switch name {
        case "X25519": self = .x25519
        case "X448": self = .x448
        default: return nil
        }
    }
}
