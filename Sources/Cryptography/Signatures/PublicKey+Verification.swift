import COpenSSL

extension PublicKey {
    /// Whether this key's owner signed the message.
    ///
    /// A scheme of another key type, a signature of another length and every failure of OpenSSL
    /// mean no.
    package func verify(
        signature: [UInt8], message: Span<UInt8>, scheme: SignatureScheme
    ) -> Bool {
        switch (scheme, kind) {
        case (.pkcs1(let hash), .rsa(let count)):
            signature.count == count
                && verify(signature, message, hash.algorithm, padding: RSA_PKCS1_PADDING)
        case (.pss(let hash), .rsa(let count)):
            signature.count == count
                && verify(signature, message, hash.algorithm, padding: RSA_PKCS1_PSS_PADDING)
        case (.ecdsa(let hash), .elliptic(let curve)):
            if let encoded = Self.encoded(signature, curve) {
                verify(encoded, message, hash.algorithm, padding: nil)
            } else {
                false
            }
        case (.ed25519, .ed25519): signature.count == 64 && verifyEdwards(signature, message)
        case (.ed448, .ed448): signature.count == 114 && verifyEdwards(signature, message)
        default: false
        }
    }

    package func verify(signature: [UInt8], message: [UInt8], scheme: SignatureScheme) -> Bool {
        verify(signature: signature, message: message.span, scheme: scheme)
    }

    /// The DER form of r and s, which OpenSSL wants; nil unless both halves have the curve's
    /// length and neither is zero ("psychic signatures", CVE-2022-21449).
    private static func encoded(_ signature: [UInt8], _ curve: EllipticCurve) -> [UInt8]? {
        let count = curve.byteCount
        guard signature.count == 2 &* count else { return nil }
        let (r, s) = (signature.prefix(count), signature.suffix(count))
        guard r.contains(where: { $0 != 0 }), s.contains(where: { $0 != 0 }) else { return nil }
        return DER.sequence(DER.integer(r), DER.integer(s))
    }

    /// RSA and ECDSA.  Corresponds to `EVP_PKEY_verify`, which leaves hashing to us and so spares
    /// the set-up of `EVP_DigestVerify` on each token.
    private func verify(
        _ signature: [UInt8], _ message: Span<UInt8>, _ hash: DigestAlgorithm, padding: Int32?
    ) -> Bool {
        let digest = Digest.digest(message, hash)
        return OpenSSL.operation {
            // SAFETY: the context is made and freed here; signature and digest are only read, by
            // their counts.
            guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
                return false
            }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            guard unsafe OpenSSL.succeeded(EVP_PKEY_verify_init(context)) else { return false }
            if let padding {
                guard unsafe OpenSSL.succeeded(EVP_PKEY_CTX_set_rsa_padding(context, padding))
                else { return false }
            }
            guard unsafe OpenSSL.succeeded(EVP_PKEY_CTX_set_signature_md(context, hash.pointer))
            else { return false }
            if padding == RSA_PKCS1_PSS_PADDING {
                // Never the length that the signature itself claims.
                guard
                    unsafe OpenSSL.succeeded(
                        EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST)),
                    unsafe OpenSSL.succeeded(EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash.pointer))
                else { return false }
            }
            return unsafe OpenSSL.succeeded(
                EVP_PKEY_verify(context, signature, signature.count, digest, digest.count))
        }
    }

    /// Corresponds to `EVP_DigestVerify`: Ed25519 and Ed448 hash for themselves.
    private func verifyEdwards(_ signature: [UInt8], _ message: Span<UInt8>) -> Bool {
        OpenSSL.operation {
            // SAFETY: the context is made and freed here; signature and message are only read.
            guard let context = unsafe EVP_MD_CTX_new() else { return false }
            defer { unsafe EVP_MD_CTX_free(context) }
            guard unsafe OpenSSL.succeeded(EVP_DigestVerifyInit(context, nil, nil, nil, pointer))
            else { return false }
            return unsafe message.withUnsafeBytes { bytes in
                unsafe OpenSSL.succeeded(
                    EVP_DigestVerify(
                        context, signature, signature.count,
                        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
            }
        }
    }
}
