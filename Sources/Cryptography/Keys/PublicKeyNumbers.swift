import COpenSSL

/// The numbers of a public key in the form that certificates and PEM files have, for the makers of
/// ``PublicKey`` to check.
/// - Source: RFC 5280 §4.1.2.7; RFC 8410 §4.
package enum PublicKeyNumbers: Hashable, Sendable {
    /// Big-endian.
    case rsa(modulus: [UInt8], exponent: [UInt8])
    /// As long as the curve's numbers are.
    case elliptic(EllipticCurve, x: [UInt8], y: [UInt8])
    case octets(OctetCurve, [UInt8])

    /// Corresponds to `d2i_PUBKEY`.
    /// - Parameter der: a SubjectPublicKeyInfo, and nothing behind it.
    /// - Returns: nil for what is none, or of a kind that we do not use.
    package init?(subjectPublicKeyInfo der: [UInt8]) {
        let numbers = OpenSSL.operation {
            // SAFETY: OpenSSL reads the given count of bytes and copies what it keeps; the key is
            // freed here.
            unsafe der.withUnsafeBufferPointer { bytes -> PublicKeyNumbers? in
                var position = bytes.baseAddress
                guard let key = unsafe d2i_PUBKEY(nil, &position, bytes.count) else { return nil }
                defer { unsafe EVP_PKEY_free(key) }
                guard let start = bytes.baseAddress, let end = unsafe position,
                    unsafe end - start == bytes.count
                else { return nil }
                return unsafe Self.read(key)
            }
        }
        guard let numbers else { return nil }
        self = numbers
    }

    private static func read(_ key: OpaquePointer) -> PublicKeyNumbers? {
        if unsafe OpenSSL.succeeded(EVP_PKEY_is_a(key, "RSA")) {
            guard let modulus = unsafe number(key, "n", count: nil),
                let exponent = unsafe number(key, "e", count: nil)
            else { return nil }
            return .rsa(modulus: modulus, exponent: exponent)
        }
        for (curve, name) in [(OctetCurve.ed25519, "ED25519"), (.ed448, "ED448")]
        where unsafe OpenSSL.succeeded(EVP_PKEY_is_a(key, name)) {
            var point = [UInt8](repeating: 0, count: curve.byteCount)
            var count = point.count
            // SAFETY: writes at most `count` bytes, the size of the array.
            guard unsafe OpenSSL.succeeded(EVP_PKEY_get_raw_public_key(key, &point, &count)),
                count == curve.byteCount
            else { return nil }
            return .octets(curve, point)
        }
        guard unsafe OpenSSL.succeeded(EVP_PKEY_is_a(key, "EC")),
            let curve = unsafe EllipticCurve(of: key),
            let x = unsafe number(key, "qx", count: curve.byteCount),
            let y = unsafe number(key, "qy", count: curve.byteCount)
        else { return nil }
        return .elliptic(curve, x: x, y: y)
    }

    /// - Parameter count: of bytes, filled up with zeros in front; nil: as many as it takes.
    private static func number(
        _ key: OpaquePointer, _ name: String, count: Int?
    ) -> [UInt8]? {
        var number: OpaquePointer?
        // SAFETY: the number is made by OpenSSL and freed here.
        guard unsafe OpenSSL.succeeded(EVP_PKEY_get_bn_param(key, name, &number)),
            let number = unsafe number
        else { return nil }
        defer { unsafe BN_free(number) }
        let needed = (Int(unsafe BN_num_bits(number)) &+ 7) / 8
        let count = count ?? needed
        guard needed <= count, count <= 16_384 else { return nil }
        var bytes = [UInt8](repeating: 0, count: count)
        // SAFETY: writes exactly `count` bytes, the size of the array.
        guard unsafe BN_bn2binpad(number, &bytes, Int32(count)) == Int32(count) else { return nil }
        return bytes
    }
}
