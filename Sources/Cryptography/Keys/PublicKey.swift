import COpenSSL

/// A key that checks signatures, or half of a key agreement; parsed once, shared by all threads.
///
/// Every maker checks the numbers before OpenSSL sees them: a key set is an attacker's to shape
/// where a provider is, and some shapes cost minutes (a modulus of 65,536 bits) or accept forgeries
/// (e = 1, a point off the curve).
@safe package final class PublicKey: @unchecked Sendable {
    let kind: Kind
    /// Never written after `init`, so that threads may share it.
    let pointer: OpaquePointer

    enum Kind: Hashable {
        /// Bytes of the modulus, which every signature must have.
        case rsa(byteCount: Int)
        case elliptic(EllipticCurve)
        case ed25519, ed448
        /// For agreement, never for signatures.
        case x25519, x448
    }

    /// - Parameters:
    ///   - rsaModulus: big-endian, leading zeros ignored; odd, 2,048 to 8,192 bits, of a generator
    ///     that is not known to be broken.
    ///   - exponent: big-endian; odd, at least 3, at most 64 bits.
    package convenience init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        let modulus = modulus.drop { $0 == 0 }
        let exponent = exponent.drop { $0 == 0 }
        guard let first = modulus.first, let last = modulus.last, last & 1 == 1,
            modulus.count <= 1_024,
            modulus.count &* 8 &- first.leadingZeroBitCount >= 2_048,
            let lastOfExponent = exponent.last, lastOfExponent & 1 == 1, exponent.count <= 8,
            exponent.count > 1 || lastOfExponent >= 3, !RSAWeakness.isIn(modulus)
        else { return nil }
        let key = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        self.init(
            .rsa(byteCount: modulus.count),
            DER.sequence(DER.rsaEncryption, DER.bitString(key)))
    }

    /// - Parameters:
    ///   - x: exactly as long as the curve's numbers are; so is `y`.  The point must lie on the
    ///     curve.
    package convenience init?(curve: EllipticCurve, x: [UInt8], y: [UInt8]) {
        guard x.count == curve.byteCount, y.count == curve.byteCount else { return nil }
        self.init(
            .elliptic(curve),
            DER.sequence(DER.ecPublicKey(curve), DER.bitString([4] + x + y)))
    }

    /// - Parameter point: as long as the curve's points are.
    package convenience init?(_ curve: OctetCurve, point: [UInt8]) {
        guard point.count == curve.byteCount else { return nil }
        self.init(
            curve.kind,
            DER.sequence(DER.sequence(DER.object(curve.identifier)), DER.bitString(point)))
    }

    /// Corresponds to `d2i_PUBKEY` and `EVP_PKEY_public_check_quick`.
    private init?(_ kind: Kind, _ subjectPublicKeyInfo: [UInt8]) {
        // SAFETY: OpenSSL reads the given count of bytes and copies what it keeps.
        let parsed = unsafe OpenSSL.operation {
            unsafe subjectPublicKeyInfo.withUnsafeBufferPointer { bytes -> OpaquePointer? in
                var position = bytes.baseAddress
                return unsafe d2i_PUBKEY(nil, &position, bytes.count)
            }
        }
        guard let parsed = unsafe parsed else { return nil }
        guard unsafe Self.isSound(parsed, kind) else {
            unsafe EVP_PKEY_free(parsed)
            return nil
        }
        self.kind = kind
        unsafe pointer = parsed
    }

    deinit {
        // SAFETY: the last owner.
        unsafe EVP_PKEY_free(pointer)
    }

    /// A point must be on its curve and not infinity, or a forger may choose the group.
    private static func isSound(_ key: OpaquePointer, _ kind: Kind) -> Bool {
        guard case .elliptic = kind else { return true }
        return OpenSSL.operation {
            // SAFETY: the context is made and freed here; the key outlives it.
            guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else {
                return false
            }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            return unsafe OpenSSL.succeeded(EVP_PKEY_public_check_quick(context))
        }
    }
}
