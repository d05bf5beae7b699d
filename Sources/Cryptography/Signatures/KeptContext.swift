import COpenSSL

/// A context of OpenSSL that is ready to check signatures of one key and scheme, again and again:
/// to make one costs more than the set-up that the check itself needs.
@safe struct KeptContext {
    /// Names the key.  The context holds a reference to it: as long as the context lives, no other
    /// key can have that address.
    let key: OpaquePointer
    let scheme: SignatureScheme
    private let form: Form

    @safe private enum Form {
        /// `EVP_PKEY_CTX`: takes the digest.
        case digest(OpaquePointer)
        /// `EVP_MD_CTX`: takes the message.  One that has checked a signature must not check
        /// another from OpenSSL 3.4 on, so that each check works on a copy.
        case message(template: OpaquePointer, copy: OpaquePointer)
    }

    /// - Returns: nil where OpenSSL does not want the key for that scheme.
    init?(_ key: OpaquePointer, _ scheme: SignatureScheme) {
        let form: Form? =
            switch scheme {
            case .pkcs1(let hash): unsafe Self.digest(key, hash.algorithm, RSA_PKCS1_PADDING)
            case .pss(let hash): unsafe Self.digest(key, hash.algorithm, RSA_PKCS1_PSS_PADDING)
            case .ecdsa(let hash): unsafe Self.digest(key, hash.algorithm, nil)
            case .ed25519, .ed448: unsafe Self.message(key)
            }
        guard let form else { return nil }
        unsafe self.key = key
        self.scheme = scheme
        self.form = form
    }

    /// Gives the context back; it must not be used any more.
    func free() {
        // SAFETY: made by `init`, whose caller owns it.
        switch form {
        case .digest(let context): unsafe EVP_PKEY_CTX_free(context)
        case .message(let template, let copy):
            unsafe EVP_MD_CTX_free(template)
            unsafe EVP_MD_CTX_free(copy)
        }
    }

    /// Corresponds to `EVP_PKEY_verify_init` and what belongs to it.
    private static func digest(
        _ key: OpaquePointer, _ hash: DigestAlgorithm, _ padding: Int32?
    ) -> Form? {
        // SAFETY: the context takes a reference to the key; it is freed here or by `free`.
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return nil }
        guard unsafe isPrepared(context, hash, padding) else {
            unsafe EVP_PKEY_CTX_free(context)
            return nil
        }
        return unsafe .digest(context)
    }

    private static func isPrepared(
        _ context: OpaquePointer, _ hash: DigestAlgorithm, _ padding: Int32?
    ) -> Bool {
        // SAFETY: the context is new and the caller's.
        guard unsafe OpenSSL.succeeded(EVP_PKEY_verify_init(context)) else { return false }
        if let padding {
            guard unsafe OpenSSL.succeeded(EVP_PKEY_CTX_set_rsa_padding(context, padding))
            else { return false }
        }
        guard unsafe OpenSSL.succeeded(EVP_PKEY_CTX_set_signature_md(context, hash.pointer))
        else { return false }
        guard padding == RSA_PKCS1_PSS_PADDING else { return true }
        // Never the length that the signature itself claims.
        return unsafe OpenSSL.succeeded(
            EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST))
            && OpenSSL.succeeded(EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash.pointer))
    }

    /// Corresponds to `EVP_DigestVerifyInit`.
    private static func message(_ key: OpaquePointer) -> Form? {
        // SAFETY: as above.
        guard let template = unsafe EVP_MD_CTX_new() else { return nil }
        guard let copy = unsafe EVP_MD_CTX_new() else {
            unsafe EVP_MD_CTX_free(template)
            return nil
        }
        guard unsafe OpenSSL.succeeded(EVP_DigestVerifyInit(template, nil, nil, nil, key)) else {
            unsafe EVP_MD_CTX_free(template)
            unsafe EVP_MD_CTX_free(copy)
            return nil
        }
        return unsafe .message(template: template, copy: copy)
    }

    /// Corresponds to `EVP_PKEY_verify`, or to `EVP_MD_CTX_copy_ex` and `EVP_DigestVerify`.
    ///
    /// - Parameter message: its digest, where the scheme signs one.
    func verify(
        _ signature: UnsafeBufferPointer<UInt8>, _ message: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        // SAFETY: signature and message are only read, by their counts, for the time of the call.
        switch form {
        case .digest(let context):
            unsafe OpenSSL.succeeded(
                EVP_PKEY_verify(
                    context, signature.baseAddress, signature.count, message.baseAddress,
                    message.count))
        case .message(let template, let copy):
            unsafe OpenSSL.succeeded(EVP_MD_CTX_copy_ex(copy, template))
                && OpenSSL.succeeded(
                    EVP_DigestVerify(
                        copy, signature.baseAddress, signature.count, message.baseAddress,
                        message.count))
        }
    }
}
