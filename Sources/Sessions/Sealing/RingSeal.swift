import Cryptography
import Encodings

/// What opens with a key of the ring alone, without any browser.
///
/// Layout: ``SealHeader``, then the encrypted bytes.
enum RingSeal {
    /// - Parameters:
    ///   - label: names the purpose: what was sealed for one opens for no other.
    ///   - bound: stands nowhere in the result, and must be the same when it is opened.
    /// - Returns: nil where randomness or cryptography fails.
    static func seal(
        _ plaintext: [UInt8], for label: ByteString, bound: [UInt8], _ ring: KeyRing,
        _ random: some RandomSource
    ) -> [UInt8]? {
        guard let salt = random.bytes(32), let key = ring.current.derived(for: label, salt),
            let sealed = OneTimeBox.seal(plaintext, key: key, bound: bound)
        else { return nil }
        return SealHeader.encode(ring.current.id, salt) + sealed
    }

    /// - Returns: nil for anything but what was sealed so, under a key that is still in the ring.
    static func open(
        _ bytes: [UInt8], for label: ByteString, bound: [UInt8], _ ring: KeyRing
    ) -> [UInt8]? {
        guard let (header, sealed) = SealHeader.split(bytes), let ringKey = ring[header.keyID],
            let key = ringKey.derived(for: label, header.salt)
        else { return nil }
        return OneTimeBox.open(sealed, key: key, bound: bound)
    }
}

extension KeyRing.Key {
    /// A key that is used once: 32 bytes, of this key, a purpose and a fresh salt.
    func derived(for label: ByteString, _ salt: [UInt8]) -> [UInt8]? {
        HKDF.sha256(key: secret.reveal().bytes, salt: salt, info: label.bytes, count: 32)
    }
}
