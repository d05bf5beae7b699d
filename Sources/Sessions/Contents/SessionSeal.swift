package import Cryptography
import Encodings

/// Seals a session's contents so that they open only with the browser's ticket, a key of the ring
/// and the row all three at hand.
///
/// Each seal draws a salt and a *share*, 32 random bytes each.  The share is wrapped under a key
/// from ring and salt; the contents are encrypted under a key from share, ticket and salt.  So
/// store and key file together lack the ticket; store and ticket together lack the share; and a
/// share can be wrapped for another ring key without any browser.  Every key is used once, so
/// there is no nonce to repeat (NIST SP 800-38D §8.3).
///
/// Both layers are bound to row and generation: a thief who writes to the store can neither give
/// one session the contents of another nor bring back earlier ones (COK-13, COK-17).
///
/// Layout: version 1, length of the ring key's id, the id, salt (32), wrapped share (48),
/// encrypted contents.
package enum SessionSeal {
    /// - Returns: nil where randomness or cryptography fails.
    package static func seal(
        _ contents: SessionContents, ticket: SessionTicket, generation: UInt64, ring: KeyRing,
        random: some RandomSource
    ) -> [UInt8]? {
        let key = ring.current
        guard let salt = random.bytes(32), let share = random.bytes(32),
            let keys = Keys(ticket, generation, key, salt),
            let wrapped = OneTimeBox.seal(share, key: keys.wrapping, bound: keys.bound),
            let contentsKey = keys.contents(share),
            let sealed = OneTimeBox.seal(contents.encoded, key: contentsKey, bound: keys.bound)
        else { return nil }
        return SealHeader.encode(key.id, salt) + wrapped + sealed
    }

    /// - Returns: nil for anything but what was sealed for this very ticket and generation, under
    ///   a key that is still in the ring.
    package static func open(
        _ sealed: [UInt8], ticket: SessionTicket, generation: UInt64, ring: KeyRing
    ) -> SessionContents? {
        guard let (header, body) = SealHeader.split(sealed), let key = ring[header.keyID],
            let keys = Keys(ticket, generation, key, header.salt),
            let share = OneTimeBox.open(
                Array(body.prefix(wrappedCount)), key: keys.wrapping, bound: keys.bound),
            let contentsKey = keys.contents(share),
            let encoded = OneTimeBox.open(
                Array(body.dropFirst(wrappedCount)), key: contentsKey, bound: keys.bound)
        else { return nil }
        return SessionContents(encoded: encoded)
    }

    private static let wrappedCount = 32 + AES256GCM.tagCount

    private struct Keys {
        let wrapping: [UInt8]
        let bound: [UInt8]
        private let browser: [UInt8]
        private let salt: [UInt8]

        init?(_ ticket: SessionTicket, _ generation: UInt64, _ key: KeyRing.Key, _ salt: [UInt8]) {
            guard let browser = ticket.browserKey,
                let wrapping = key.derived(for: "cloakroom session share 1", salt)
            else { return nil }
            var bound = FieldWriter()
            bound.write(ByteString(ticket.rowKey.bytes))
            bound.write(Int64(bitPattern: generation))
            self.bound = bound.bytes
            self.browser = browser
            self.wrapping = wrapping
            self.salt = salt
        }

        func contents(_ share: [UInt8]) -> [UInt8]? {
            HKDF.sha256(
                key: share + browser, salt: salt,
                info: Array("cloakroom session contents 1".utf8), count: 32)
        }
    }
}
