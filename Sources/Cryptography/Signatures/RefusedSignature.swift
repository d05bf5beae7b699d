import Encodings

/// The signature that a thread has refused last, so that the full look, which follows a short one
/// that came to nothing, need not check it again: a forged token costs one check.
///
/// Good for one answer.  A failure that was OpenSSL's own is tried again the next time.
final class RefusedSignature {
    /// Kept alive, so that no other key can have its identity.
    private var key: PublicKey?
    private var scheme: SignatureScheme?
    private var (signatureCount, messageCount) = (0, 0)
    private let text = Scratch(capacity: 12 << 10)

    func note(
        _ signature: Span<UInt8>, _ message: Span<UInt8>, _ key: PublicKey,
        _ scheme: SignatureScheme
    ) {
        self.key = nil
        guard text.write(signature, at: 0), text.write(message, at: signature.count) else { return }
        self.key = key
        self.scheme = scheme
        signatureCount = signature.count
        messageCount = message.count
    }

    /// Whether it was exactly this one; it is forgotten then.
    func take(
        _ signature: Span<UInt8>, _ message: Span<UInt8>, _ key: PublicKey,
        _ scheme: SignatureScheme
    ) -> Bool {
        guard let known = self.key else { return false }
        let text = text
        let all = text.bytes
        guard known === key, self.scheme == scheme, signatureCount == signature.count,
            messageCount == message.count,
            all.extracting(first: signatureCount).isEqual(to: signature),
            all.extracting(signatureCount..<(signatureCount &+ messageCount)).isEqual(to: message)
        else { return false }
        self.key = nil
        return true
    }
}
