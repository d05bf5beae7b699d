import COpenSSL

extension PrivateKey {
    /// The parts of an RSA key, big-endian, leading zeros ignored.  Named as in RFC 7518 §6.3.
    package struct RSANumbers {
        package var n, e, d, p, q, dp, dq, qi: [UInt8]

        package init(
            n: [UInt8], e: [UInt8], d: [UInt8], p: [UInt8], q: [UInt8], dp: [UInt8], dq: [UInt8],
            qi: [UInt8]
        ) {
            (self.n, self.e, self.d, self.p) = (n, e, d, p)
            (self.q, self.dp, self.dq, self.qi) = (q, dp, dq, qi)
        }
    }

    /// - Throws: ``PrivateKeyDefect/size`` before OpenSSL sees the numbers, others after.
    /// - Source: RFC 5208 §5; RFC 8017 §A.1.2.
    package convenience init(rsa numbers: RSANumbers) throws(PrivateKeyDefect) {
        guard PublicKey(rsaModulus: numbers.n, exponent: numbers.e) != nil else { throw .size }
        let key = DER.sequence(
            DER.integer([]), DER.integer(numbers.n), DER.integer(numbers.e),
            DER.integer(numbers.d), DER.integer(numbers.p), DER.integer(numbers.q),
            DER.integer(numbers.dp), DER.integer(numbers.dq), DER.integer(numbers.qi))
        try self.init(algorithm: DER.rsaEncryption, key: key)
    }

    /// - Parameters: each exactly as long as the curve's numbers are.
    /// - Source: RFC 5208 §5; RFC 5915 §3.
    package convenience init(
        curve: EllipticCurve, x: [UInt8], y: [UInt8], d: [UInt8]
    ) throws(PrivateKeyDefect) {
        guard d.count == curve.byteCount, PublicKey(curve: curve, x: x, y: y) != nil else {
            throw .damaged
        }
        let key = DER.sequence(
            DER.integer([1]), DER.octetString(d), DER.tagged1(DER.bitString([4] + x + y)))
        try self.init(algorithm: DER.ecPublicKey(curve), key: key)
    }

    /// - Parameters:
    ///   - curve: X25519 or X448.
    ///   - x: the public half, as it is written beside the private one: it must belong to it.
    /// - Source: RFC 8410 §7.
    package convenience init(
        _ curve: OctetCurve, x: [UInt8], d: [UInt8]
    ) throws(PrivateKeyDefect) {
        guard d.count == curve.byteCount else { throw .damaged }
        try self.init(
            algorithm: DER.sequence(DER.object(curve.identifier)), key: DER.octetString(d))
        var own = [UInt8](repeating: 0, count: curve.byteCount)
        var count = own.count
        // SAFETY: `own` is as long as is said.
        let isDone = OpenSSL.operation { unsafe EVP_PKEY_get_raw_public_key(pointer, &own, &count) }
        guard OpenSSL.succeeded(isDone), own == x else { throw .damaged }
    }

    /// Corresponds to `d2i_AutoPrivateKey`, with PKCS #8.
    private convenience init(algorithm: [UInt8], key: [UInt8]) throws(PrivateKeyDefect) {
        let der = DER.sequence(DER.integer([]), algorithm, DER.octetString(key))
        // SAFETY: OpenSSL reads the given count of bytes and copies what it keeps.
        let parsed = unsafe OpenSSL.operation {
            unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
                var position = bytes.baseAddress
                return unsafe d2i_AutoPrivateKey(nil, &position, bytes.count)
            }
        }
        guard let parsed = unsafe parsed else { throw .damaged }
        try unsafe self.init(adopting: parsed)
    }

    /// Reads the one private key of a PEM file.  Corresponds to `PEM_read_bio_PrivateKey`.
    /// - Source: RFC 7468 §10; the older forms `RSA PRIVATE KEY` and `EC PRIVATE KEY` as well.
    package convenience init(pem: Span<UInt8>) throws(PrivateKeyDefect) {
        let (keys, isEncrypted) = unsafe Self.keys(inPEM: pem)
        // SAFETY: each is owned here; all but the first are given back at once.
        for unsafe key in unsafe keys.dropFirst() { unsafe EVP_PKEY_free(key) }
        guard let first = unsafe keys.first else { throw isEncrypted ? .encrypted : .unreadable }
        guard unsafe keys.count == 1 else {
            unsafe EVP_PKEY_free(first)
            throw .several
        }
        try unsafe self.init(adopting: first)
    }

    /// Two at most, which the caller owns.
    private static func keys(inPEM text: Span<UInt8>) -> ([OpaquePointer], isEncrypted: Bool) {
        var keys = unsafe [OpaquePointer]()
        var isEncrypted = false
        OpenSSL.operation {
            unsafe text.withUnsafeBytes { bytes in
                // SAFETY: the reader is made and freed here, and reads the given count of bytes.
                guard let count = Int32(exactly: bytes.count),
                    let reader = unsafe BIO_new_mem_buf(bytes.baseAddress, count)
                else { return }
                defer { unsafe BIO_free(reader) }
                // SAFETY: the flag outlives the calls that may write it.  OpenSSL's own callback
                // would ask at the terminal, and so stop a host that starts.
                unsafe withUnsafeMutablePointer(to: &isEncrypted) { flag in
                    while unsafe keys.count < 2,
                        let key = unsafe PEM_read_bio_PrivateKey(
                            reader, nil,
                            { (_, _, _, flag) in
                                unsafe flag?.assumingMemoryBound(to: Bool.self).pointee = true
                                return -1
                            }, flag)
                    { unsafe keys.append(key) }
                }
            }
        }
        return unsafe (keys, isEncrypted)
    }
}
