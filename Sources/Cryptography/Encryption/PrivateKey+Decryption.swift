import COpenSSL

extension PrivateKey {
    /// The hash inside RSA-OAEP, of label and mask alike.
    package enum OAEPHash: Hashable, Sendable {
        case sha1, sha256

        fileprivate var algorithm: DigestAlgorithm { self == .sha1 ? .sha1 : .sha256 }
    }

    /// Corresponds to `EVP_PKEY_decrypt` with OAEP padding.
    /// - Returns: nil for another kind of key, a text that is not as long as the modulus, and
    ///   every failure; the caller must not let anybody tell which (Manger's attack).
    /// - Source: RFC 8017 §7.1.2; RFC 7518 §4.3.
    package func decryptOAEP(_ ciphertext: [UInt8], hash: OAEPHash) -> [UInt8]? {
        guard kind == .rsa else { return nil }
        var output = [UInt8](repeating: 0, count: 1_024)
        var count = output.count
        let isDone = OpenSSL.operation {
            // SAFETY: the context is made and freed here; the text is only read, by its count;
            // `output` is as long as the longest modulus that is admitted.
            guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
                return false
            }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            return unsafe Int(EVP_PKEY_get_size(pointer)) == ciphertext.count
                && OpenSSL.succeeded(EVP_PKEY_decrypt_init(context))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set_rsa_oaep_md(context, hash.algorithm.pointer))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash.algorithm.pointer))
                && OpenSSL.succeeded(
                    EVP_PKEY_decrypt(context, &output, &count, ciphertext, ciphertext.count))
        }
        return isDone && count <= output.count ? Array(output.prefix(count)) : nil
    }

    /// What this key and another one's public half agree on.  Corresponds to `EVP_PKEY_derive`.
    ///
    /// - Parameter peer: of the same curve; its point was checked when it was made.
    /// - Returns: nil otherwise, and for a secret of zeros only, which everybody knows who sends a
    ///   point of small order (RFC 7748 §6.1).
    /// - Source: RFC 7518 §4.6.
    package func agree(with peer: PublicKey) -> [UInt8]? {
        guard isOfCurve(peer.kind) else { return nil }
        var output = [UInt8](repeating: 0, count: 66)
        var count = output.count
        let isDone = OpenSSL.operation {
            // SAFETY: the context is made and freed here; both keys outlive it; `output` is as
            // long as the longest number of any curve.
            guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, pointer, nil) else {
                return false
            }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            return unsafe OpenSSL.succeeded(EVP_PKEY_derive_init(context))
                && OpenSSL.succeeded(EVP_PKEY_derive_set_peer(context, peer.pointer))
                && OpenSSL.succeeded(EVP_PKEY_derive(context, &output, &count))
        }
        guard isDone, count <= output.count else { return nil }
        let secret = Array(output.prefix(count))
        return secret.contains { $0 != 0 } ? secret : nil
    }

    private func isOfCurve(_ peer: PublicKey.Kind) -> Bool {
        switch (kind, peer) {
        case (.elliptic(let own), .elliptic(let other)): own == other
        case (.x25519, .x25519), (.x448, .x448): true
        default: false
        }
    }
}
