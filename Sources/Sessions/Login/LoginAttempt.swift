package import Cryptography
package import Encodings

/// A login that was begun: what the callback must match, and where it leads.
///
/// It travels in a sealed cookie of its own, so that a login that is only begun costs the server
/// nothing, and two tabs never overwrite each other.
package struct LoginAttempt: Hashable, Sendable {
    /// Name of the provider.
    package let provider: ByteString
    /// 256 random bits; the callback brings it back.
    package let state: ByteString
    /// 256 random bits; the ID token brings it back.
    package let nonce: ByteString
    /// PKCE: proves to the token endpoint that the code comes to who asked for it.
    package let verifier: ByteString
    /// A local path.
    package let returnTo: ByteString
    /// Seconds since 1970.
    package let startedAt: Int64

    /// - Returns: nil where there is no randomness.
    package static func make(
        provider: ByteString, returnTo: ByteString, startedAt: Int64, random: some RandomSource
    ) -> LoginAttempt? {
        guard let state = random.bytes(32), let nonce = random.bytes(32),
            let verifier = random.bytes(32)
        else { return nil }
        return LoginAttempt(
            provider: provider, state: Base64URL.encode(state), nonce: Base64URL.encode(nonce),
            verifier: Base64URL.encode(verifier), returnTo: returnTo, startedAt: startedAt)
    }

    /// `code_challenge` of method `S256`.
    /// - Source: RFC 7636 §4.2.
    package var challenge: ByteString { Self.challenge(of: verifier) }

    package static func challenge(of verifier: ByteString) -> ByteString {
        Base64URL.encode(Digest.sha256(verifier))
    }

    /// Names the attempt in the store once it is spent.
    package var stateKey: RowKey? { Self.stateKey(state) }

    package static func stateKey(_ state: ByteString) -> RowKey? {
        RowKey(Digest.sha256("cloakroom login state 1\0" + state))
    }
}

/// Whoever can read the state of an attempt could finish it.
extension LoginAttempt: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "LoginAttempt(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension LoginAttempt {
    /// Of the encoding.
    private static let version: Int64 = 1

    package var encoded: [UInt8] {
        var output = FieldWriter()
        output.write(Self.version)
        for text in [provider, state, nonce, verifier, returnTo] { output.write(text) }
        output.write(startedAt)
        return output.bytes
    }

    /// - Returns: nil for anything but a whole encoding of this version.
    package init?(encoded: [UInt8]) {
        var input = FieldReader(encoded)
        guard input.number() == Self.version else { return nil }
        provider = input.field()
        state = input.field()
        nonce = input.field()
        verifier = input.field()
        returnTo = input.field()
        startedAt = input.number()
        guard input.isComplete else { return nil }
    }
}
