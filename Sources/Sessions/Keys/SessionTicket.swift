package import Cryptography
package import Encodings

/// What the browser holds: 256 random bits, and nothing else.
///
/// The store knows a session by ``rowKey`` only, from which the ticket can not be found; its
/// contents open with ``browserKey`` only, which the store has never seen.
package struct SessionTicket: Hashable, Sendable {
    /// The name of the session's row.
    package let rowKey: RowKey
    private let secret: Secret
    private static let rowLabel = Array("cloakroom row key 1\0".utf8)

    /// - Parameter cookieValue: exactly 43 characters of canonical base64url; nothing else is
    ///   looked at, so that one ticket has one spelling.
    package init?(cookieValue: ByteString) {
        guard cookieValue.count == 43, let bytes = Base64URL.decode(cookieValue) else { return nil }
        self.init(bytes)
    }

    /// - Returns: nil where there is no randomness.
    package static func make(_ random: some RandomSource) -> SessionTicket? {
        random.bytes(32).flatMap(SessionTicket.init)
    }

    package var cookieValue: ByteString { Base64URL.encode(secret.reveal().bytes) }

    /// Half of what opens the session's contents; nil only where cryptography fails.
    package var browserKey: [UInt8]? {
        HKDF.sha256(
            key: secret.reveal().bytes, salt: [], info: Array("cloakroom browser key 1".utf8),
            count: 32)
    }

    /// What a page of ours must send along to log out, where the browser proves no origin: derived
    /// from the ticket, so that nobody without it can know it, and it tells nothing about it.
    package var csrfValue: ByteString {
        // Never empty, whatever fails: an empty value would be known to everyone.
        let hash = HMAC.sha256(
            key: secret.reveal().bytes, message: Array("cloakroom csrf 1".utf8))
        return Base64URL.encode(Array(hash.prefix(16)))
    }

    private init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        // 52 bytes fit one block of SHA-256: every request with a cookie pays for this.
        rowKey = RowKey(Digest.sha256Words((Self.rowLabel + bytes).span))
        secret = Secret(bytes)
    }
}

extension SessionTicket: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "SessionTicket(…)" }
    package var debugDescription: String { description }
}
