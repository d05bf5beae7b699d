import COpenSSL

/// AES-GCM with keys of any size, for reading.
enum GCM {
    /// - Parameters:
    ///   - nonce: 12 bytes and no others, and 16 for the tag: shorter ones would be easier to hit.
    /// - Returns: nil when key, nonce, text, tag or `additional` is not what it was.
    static func open(
        _ algorithm: CipherAlgorithm, key: [UInt8], nonce: [UInt8], ciphertext: [UInt8],
        tag: [UInt8], additional: [UInt8]
    ) -> [UInt8]? {
        guard key.count == algorithm.keyCount, nonce.count == AES256GCM.nonceCount,
            tag.count == AES256GCM.tagCount
        else { return nil }
        var tag = tag
        var output = [UInt8](repeating: 0, count: ciphertext.count)
        // SAFETY: GCM writes as many bytes as it reads, for which `output` has room, and nothing
        // at the end; the tag is only read.  Nothing leaves before the tag was good.
        let isDone = unsafe CipherAlgorithm.withContext { context in
            var written: Int32 = 0
            var rest = [UInt8](repeating: 0, count: AES256GCM.tagCount)
            return unsafe OpenSSL.succeeded(
                EVP_DecryptInit_ex(context, algorithm.pointer, nil, key, nonce))
                && OpenSSL.succeeded(
                    EVP_CIPHER_CTX_ctrl(
                        context, EVP_CTRL_AEAD_SET_TAG, Int32(AES256GCM.tagCount), &tag))
                && CipherAlgorithm.update(context, additional, into: nil) == additional.count
                && CipherAlgorithm.update(context, ciphertext, into: &output) == ciphertext.count
                && OpenSSL.succeeded(EVP_DecryptFinal_ex(context, &rest, &written))
        }
        return isDone ? output : nil
    }
}
