/// The few forms of DER that keys need, written only.
/// - Source: ITU-T X.690; RFC 3279 §2.3.1, §2.3.5.
enum DER {
    static func sequence(_ contents: [UInt8]...) -> [UInt8] {
        element(0x30, contents.flatMap(\.self))
    }
    static func bitString(_ contents: [UInt8]) -> [UInt8] { element(0x03, [0] + contents) }
    static func octetString(_ contents: [UInt8]) -> [UInt8] { element(0x04, contents) }
    /// `[1] EXPLICIT`.
    static func tagged1(_ contents: [UInt8]) -> [UInt8] { element(0xA1, contents) }
    static func object(_ encoded: [UInt8]) -> [UInt8] { element(0x06, encoded) }
    static let null: [UInt8] = [0x05, 0x00]

    /// What an RSA key is told by.
    static let rsaEncryption = sequence(
        object([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]), null)
    /// What a key of this curve is told by.
    static func ecPublicKey(_ curve: EllipticCurve) -> [UInt8] {
        sequence(
            object([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]), object(curve.identifier))
    }

    /// A number that is not negative, from its big-endian bytes: leading zeros go, and one comes
    /// back where the first bit would read as a sign.
    static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
        var digits = Array(magnitude.drop { $0 == 0 })
        if (digits.first ?? 0x80) >= 0x80 { digits.insert(0, at: 0) }
        return element(0x02, digits)
    }

    private static func element(_ tag: UInt8, _ contents: [UInt8]) -> [UInt8] {
        let count = contents.count
        switch count {
        case ..<0x80: return [tag, UInt8(truncatingIfNeeded: count)] + contents
        case ..<0x100: return [tag, 0x81, UInt8(truncatingIfNeeded: count)] + contents
        default:
            // Keys and signatures stay far below the 64 KiB that two bytes can tell.
            let high = UInt8(truncatingIfNeeded: count >> 8)
            return [tag, 0x82, high, UInt8(truncatingIfNeeded: count)] + contents
        }
    }
}
