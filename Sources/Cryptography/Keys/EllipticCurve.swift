import COpenSSL

/// The curves of NIST, whose signatures we check, and on which we agree on keys.
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

extension EllipticCurve {
    /// Of an EC key of OpenSSL's.  Corresponds to `EVP_PKEY_get_group_name`.
    /// - Returns: nil for a curve that we do not use.
    init?(of key: OpaquePointer) {
        var name = [CChar](repeating: 0, count: 32)
        var length = 0
        // SAFETY: writes at most the size of the array, a final NUL included.
        let isKnown = unsafe OpenSSL.succeeded(
            EVP_PKEY_get_group_name(key, &name, name.count, &length))
        guard isKnown, length < name.count else { return nil }
        switch name.prefix(length).map({ UInt8(bitPattern: $0) }) {
        case Array("prime256v1".utf8): self = .p256
        case Array("secp384r1".utf8): self = .p384
        case Array("secp521r1".utf8): self = .p521
        default: return nil
        }
    }
}
