import Cryptography
package import Encodings

/// Keyed hashes by which sessions are found without their cookie: a logout from the provider names
/// a subject or the provider's session.
///
/// A thief of the store can not tell whose sessions they are, nor try out names.  New rows are
/// written with the current key of the ring; a look-up tries every key.
package enum IndexHash {
    /// Of issuer and `sub`.
    package static func subject(
        issuer: ByteString, subject: ByteString, _ key: KeyRing.Key
    ) -> [UInt8] {
        hash("cloakroom subject 1", issuer, subject, key)
    }

    /// Of issuer and the provider's `sid`: the `sid` of one issuer never names a session of
    /// another.
    package static func providerSession(
        issuer: ByteString, sessionID: ByteString, _ key: KeyRing.Key
    ) -> [UInt8] {
        hash("cloakroom provider session 1", issuer, sessionID, key)
    }

    private static func hash(
        _ purpose: ByteString, _ issuer: ByteString, _ name: ByteString, _ key: KeyRing.Key
    ) -> [UInt8] {
        let own = HMAC.sha256(key: key.secret.reveal().bytes, message: purpose.bytes)
        var message = FieldWriter()
        message.write(issuer)
        message.write(name)
        return HMAC.sha256(key: own, message: message.bytes)
    }
}
