import COpenSSL

extension PublicKey {
    /// Whether a certificate is made out for this key.  Who signed it does not matter.
    ///
    /// Corresponds to `d2i_X509` and `EVP_PKEY_eq`.
    package func isKey(ofCertificate der: [UInt8]) -> Bool {
        // SAFETY: OpenSSL reads the given count of bytes; the certificate is freed here, and with
        // it the key that it owns.
        OpenSSL.operation {
            unsafe der.withUnsafeBufferPointer { bytes in
                var position = bytes.baseAddress
                guard let certificate = unsafe d2i_X509(nil, &position, bytes.count) else {
                    return false
                }
                defer { unsafe X509_free(certificate) }
                guard let other = unsafe X509_get0_pubkey(certificate) else { return false }
                return unsafe OpenSSL.succeeded(EVP_PKEY_eq(pointer, other))
            }
        }
    }
}
