package import Cryptography
package import Encodings

/// An encrypted token whose form is right and which nobody has opened.
///
/// What it holds was encrypted to a public key: anybody may have done that.
/// - Source: RFC 7516 §5.2, §7.1.
package struct UnopenedJWE: Sendable {
    package let header: JWEHeader
    /// As it was received: what is encrypted is bound to it (JWE-07).
    private let headerText: [UInt8]
    private let encryptedKey, initialisation, ciphertext, tag: [UInt8]

    /// - Parameter text: exactly what arrived.
    /// - Throws: ``JOSEError/tooLarge``, ``JOSEError/malformed``, and what the header may throw;
    ///   all of it before any key is looked at.
    package init(_ text: ByteString, limits: TokenLimits = TokenLimits()) throws(JOSEError) {
        guard text.count <= limits.bytes else { throw .tooLarge }
        let parts = text.bytes.split(
            separator: 0x2E, maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 5 else { throw .malformed }
        guard parts[0].count <= limits.headerBytes &* 4 / 3 &+ 4 else { throw .tooLarge }
        guard let header = Base64URL.decode(ByteString(parts[0])),
            let encryptedKey = Base64URL.decode(ByteString(parts[1])),
            let initialisation = Base64URL.decode(ByteString(parts[2])),
            let ciphertext = Base64URL.decode(ByteString(parts[3])),
            let tag = Base64URL.decode(ByteString(parts[4]))
        else { throw .malformed }
        guard header.count <= limits.headerBytes else { throw .tooLarge }
        self.header = try JWEHeader(header)
        headerText = Array(parts[0])
        self.encryptedKey = encryptedKey
        self.initialisation = initialisation
        self.ciphertext = ciphertext
        self.tag = tag
    }

    /// Decrypts the content.
    ///
    /// - Parameter random: for a key that stands in where the right one can not be had: so nobody
    ///   learns by time or answer whether the key or the content was wrong (RFC 7516 §11.5).
    /// - Throws: ``JOSEError/decryptionFailed`` for everything that fails from the moment on that a
    ///   key is used; ``JOSEError/unknownDecryptionKey`` and ``JOSEError/ambiguousKey`` before.
    package func open(
        with keys: DecryptionKeys, _ random: any RandomSource
    ) throws(JOSEError) -> (content: [UInt8], key: DecryptionKey) {
        let key = try keys.key(for: header)
        let cipher = header.encryption.cipher
        var contentKey = contentKey(key.key)
        if contentKey?.count != cipher.keyCount { contentKey = random.bytes(cipher.keyCount) }
        guard let contentKey,
            let content = cipher.open(
                key: contentKey, initialisation: initialisation, ciphertext: ciphertext, tag: tag,
                additional: headerText)
        else { throw .decryptionFailed }
        return (content, key)
    }

    private func contentKey(_ key: PrivateKey) -> [UInt8]? {
        switch header.algorithm {
        case .rsaOAEP: return key.decryptOAEP(encryptedKey, hash: .sha1)
        case .rsaOAEP256: return key.decryptOAEP(encryptedKey, hash: .sha256)
        case .ecdhES:
            // There must be none, or two texts would be one token (RFC 7516 §5.2, step 10).
            guard encryptedKey.isEmpty else { return nil }
            return agreedKey(
                key, for: header.encryption.name, count: header.encryption.cipher.keyCount)
        case .ecdhESA128KW, .ecdhESA192KW, .ecdhESA256KW:
            guard let count = header.algorithm.wrappingKeyCount,
                let wrapping = agreedKey(key, for: header.algorithm.name, count: count)
            else { return nil }
            return AESKeyWrap.unwrap(encryptedKey, key: wrapping)
        }
    }

    /// - Source: RFC 7518 §4.6.2.
    private func agreedKey(_ key: PrivateKey, for name: ByteString, count: Int) -> [UInt8]? {
        guard let peer = header.ephemeralKey?.publicKey, let secret = key.agree(with: peer) else {
            return nil
        }
        let info =
            Self.counted(name.bytes) + Self.counted(header.partyUInfo)
            + Self.counted(header.partyVInfo) + Self.number(count &* 8)
        return ConcatKDF.sha256(secret: secret, info: info, count: count)
    }

    private static func counted(_ bytes: [UInt8]) -> [UInt8] { number(bytes.count) + bytes }

    /// In four bytes, most significant first.
    private static func number(_ value: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
