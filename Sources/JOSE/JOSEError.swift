/// Why a token's form or signature, or a set of keys, was refused.
package enum JOSEError: Error, Hashable, Sendable {
    /// Not three parts of canonical base64url, or no header that we can read.
    case malformed
    /// Beyond the limits; nothing was decoded.
    case tooLarge
    /// `alg` is none that we know, or not on the caller's list.
    case algorithmNotAllowed
    /// `crit` names extensions, of which we understand none; or `b64` is there.
    case criticalHeader
    /// No key of the set may be meant: a newer set may have it.
    case unknownKey
    /// The key that `kid` names is there and is not for this algorithm.
    case keyMismatch
    /// More than one key may be meant; all are not tried.
    case ambiguousKey
    case badSignature
    /// Encrypted to none of our keys.
    case unknownDecryptionKey
    /// The key was wrong, or the content, or any part of either: nobody is told which.
    case decryptionFailed
    /// Encrypted, but what is inside is no signed token, or is not said to be one.
    case notSigned
    /// A claim in an encrypted token's header is not the one inside.
    case replicatedClaim
    /// No set of keys, or one beyond the limits.
    case malformedKeySet
    /// A set without one key that could check a signature.
    case noUsableKey
}
