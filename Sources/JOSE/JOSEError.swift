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
    /// No set of keys, or one beyond the limits.
    case malformedKeySet
    /// A set without one key that could check a signature.
    case noUsableKey
}
