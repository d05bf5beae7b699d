import COpenSSL

/// A key that opens what was encrypted to its public half; parsed once, shared by all threads.
///
/// It is an operator's own, read from a file: what is wrong with it is told.  The numbers it is
/// made of pass through arrays that nobody wipes; OpenSSL wipes its own copy.
@safe package final class PrivateKey: @unchecked Sendable {
    package enum Kind: Hashable, Sendable {
        case rsa
        case elliptic(EllipticCurve)
        case x25519, x448
    }

    package let kind: Kind
    /// SHA-256 of the public half, by which keys are told apart.
    package let fingerprint: [UInt8]
    /// Never written after `init`, so that threads may share it.
    let pointer: OpaquePointer

    /// Takes over the key.
    init(adopting key: OpaquePointer) throws(PrivateKeyDefect) {
        // SAFETY: the caller's only reference; freed by `deinit`, which runs for a complete object
        // only, or here.
        switch OpenSSL.operation({ unsafe Self.soundKind(key) }) {
        case .success(let found): kind = found
        case .failure(let defect):
            unsafe EVP_PKEY_free(key)
            throw defect
        }
        fingerprint = OpenSSL.operation { unsafe Self.fingerprint(key) }
        unsafe pointer = key
    }

    deinit {
        // SAFETY: the last owner.
        unsafe EVP_PKEY_free(pointer)
    }

    /// What kind of key this is, if it is one that we use and its halves belong together.
    private static func soundKind(_ key: OpaquePointer) -> Result<Kind, PrivateKeyDefect> {
        // SAFETY: every call reads the key, which the caller owns.
        if unsafe EVP_PKEY_is_a(key, "RSA") == 1 {
            guard unsafe (2_048...8_192).contains(EVP_PKEY_get_bits(key)) else {
                return .failure(.size)
            }
            guard unsafe undoesItself(key) else { return .failure(.damaged) }
            return .success(.rsa)
        }
        if unsafe EVP_PKEY_is_a(key, "EC") == 1 {
            guard let curve = unsafe EllipticCurve(of: key) else { return .failure(.unsupported) }
            guard unsafe isPair(key) else { return .failure(.damaged) }
            return .success(.elliptic(curve))
        }
        if unsafe EVP_PKEY_is_a(key, "X25519") == 1 { return .success(.x25519) }
        if unsafe EVP_PKEY_is_a(key, "X448") == 1 { return .success(.x448) }
        return .failure(.unsupported)
    }

    /// Whether the private half of an RSA key undoes what the public one does.  OpenSSL's own check
    /// proves the primes as well, which takes a quarter of a second for 4,096 bits.
    private static func undoesItself(_ key: OpaquePointer) -> Bool {
        guard let count = Int(exactly: unsafe EVP_PKEY_get_size(key)), count > 2 else {
            return false
        }
        // A number below the modulus, with nothing special about it.
        let number = [0] + (1..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
        var hidden = [UInt8](repeating: 0, count: count)
        var found = hidden
        let isDone = unsafe power(key, number, &hidden, EVP_PKEY_encrypt_init, EVP_PKEY_encrypt)
            && power(key, hidden, &found, EVP_PKEY_decrypt_init, EVP_PKEY_decrypt)
        return isDone && found == number
    }

    /// One operation without padding.
    private static func power(
        _ key: OpaquePointer, _ input: [UInt8], _ output: inout [UInt8],
        _ begin: (OpaquePointer?) -> Int32,
        _ operate: (
            OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>?,
            UnsafePointer<UInt8>?, Int
        ) -> Int32
    ) -> Bool {
        var count = output.count
        // SAFETY: the context is made and freed here; input and output are as long as the modulus.
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        return unsafe OpenSSL.succeeded(begin(context))
            && OpenSSL.succeeded(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING))
            && OpenSSL.succeeded(operate(context, &output, &count, input, input.count))
            && count == output.count
    }

    /// Corresponds to `EVP_PKEY_pairwise_check`: a key whose halves do not fit would open nothing,
    /// and some tell about themselves when they are tried.
    private static func isPair(_ key: OpaquePointer) -> Bool {
        // SAFETY: the context is made and freed here; the key outlives it.
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        return unsafe OpenSSL.succeeded(EVP_PKEY_pairwise_check(context))
    }

    /// Corresponds to `i2d_PUBKEY`.
    private static func fingerprint(_ key: OpaquePointer) -> [UInt8] {
        // SAFETY: OpenSSL allocates what it writes; freed here, read for the time of the call.
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_PUBKEY(key, &start)
        defer { unsafe CRYPTO_free(start, nil, 0) }
        let bytes = unsafe UnsafeBufferPointer(start: start, count: max(0, Int(count)))
        return unsafe Digest.sha256(Array(bytes))
    }
}

/// Why a private key is not used.
package enum PrivateKeyDefect: Error, Hashable, Sendable, CaseIterable {
    /// Neither PEM nor numbers of a private key.
    case unreadable
    /// Needs a passphrase, which nobody is there to type.
    case encrypted
    /// A file with more than one.
    case several
    /// Of a type or curve that opens nothing here.
    case unsupported
    /// RSA, below 2,048 or above 8,192 bits.
    case size
    /// Its halves do not belong together.
    case damaged
}
