/// The curves whose signatures we check.
/// - Source: RFC 7518 §6.2.1.1, SEC 2.
package enum EllipticCurve: Hashable, Sendable, CaseIterable {
    case p256, p384, p521

    /// Of a coordinate, and of each half of a signature.
    package var byteCount: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// The object identifier's contents.
    var identifier: [UInt8] {
        switch self {
        case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
        case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
        case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
        }
    }
}
