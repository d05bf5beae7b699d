import COpenSSL

/// Derives keys for different purposes from one secret.  Corresponds to `EVP_PKEY_derive`.
/// - Source: RFC 5869.
package enum HKDF {
    /// - Parameters:
    ///   - key: the secret; not empty.
    ///   - info: names the purpose: two purposes never share a key.
    ///   - count: bytes wanted, 1 to 8,160.
    /// - Returns: nil when it can not be done; never fewer bytes than asked for.
    package static func sha256(
        key: [UInt8], salt: [UInt8], info: [UInt8], count: Int
    ) -> [UInt8]? {
        guard !key.isEmpty, count > 0, count <= 255 * 32 else { return nil }
        var output = [UInt8](repeating: 0, count: count)
        var written = count
        // SAFETY: OpenSSL copies key, salt and info by their counts; `output` has `count` bytes,
        // which `written` tells it; the context is freed on every path.
        let isDone = OpenSSL.operation {
            guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, "HKDF", nil) else {
                return false
            }
            defer { unsafe EVP_PKEY_CTX_free(context) }
            return unsafe OpenSSL.succeeded(EVP_PKEY_derive_init(context))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set_hkdf_md(context, DigestAlgorithm.sha256.pointer))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(clamping: salt.count)))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_set1_hkdf_key(context, key, Int32(clamping: key.count)))
                && OpenSSL.succeeded(
                    EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(clamping: info.count)))
                && OpenSSL.succeeded(EVP_PKEY_derive(context, &output, &written))
        }
        return isDone && written == count ? output : nil
    }
}
