import Cryptography
package import Encodings

/// Proof that who redeems a code is who asked for it.
/// - Source: RFC 7636 §4.1, §4.2.
package enum PKCE {
    /// - Parameter random: 32 fresh random bytes.
    package static func verifier(_ random: [UInt8]) -> Secret { Secret(Base64URL.encode(random)) }

    /// The S256 challenge: `plain` does not exist here.
    package static func challenge(_ verifier: Secret) -> ByteString {
        Base64URL.encode(Digest.sha256(verifier.reveal()))
    }
}
