import Encodings

extension PublicKey {
    /// Whether this key's owner signed the message.
    ///
    /// A scheme of another key type, a signature of another length and every failure of OpenSSL
    /// mean no.
    package func verify(
        signature: Span<UInt8>, message: Span<UInt8>, scheme: SignatureScheme
    ) -> Bool {
        VerifyingLane.borrow { verify(signature, message, scheme, on: $0) }
    }

    /// - Parameter lane: of the calling thread.
    package func verify(
        _ signature: Span<UInt8>, _ message: Span<UInt8>, _ scheme: SignatureScheme,
        on lane: VerifyingLane
    ) -> Bool {
        switch (scheme, kind) {
        case (.pkcs1(let hash), .rsa(let count)), (.pss(let hash), .rsa(let count)):
            return signature.count == count
                && lane.verify(signature, message, by: self, scheme, hash.algorithm)
        case (.ecdsa(let hash), .elliptic(let curve)):
            guard let encoded = ECDSASignature(signature, curve) else { return false }
            let der = encoded.bytes
            return lane.verify(
                der.span.extracting(first: encoded.count), message, by: self, scheme,
                hash.algorithm)
        case (.ed25519, .ed25519):
            return signature.count == 64
                && lane.verify(signature, message, by: self, scheme, nil)
        case (.ed448, .ed448):
            return signature.count == 114
                && lane.verify(signature, message, by: self, scheme, nil)
        default: return false
        }
    }

    package func verify(signature: [UInt8], message: [UInt8], scheme: SignatureScheme) -> Bool {
        verify(signature: signature.span, message: message.span, scheme: scheme)
    }
}
