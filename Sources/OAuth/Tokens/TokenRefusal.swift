package import Encodings
package import JOSE

/// Why a token was refused.  The raw value is the stable word for logs and metrics; no client is
/// told more than `invalid_token`.
package enum TokenRefusal: String, Error, Hashable, Sendable, CaseIterable {
    // Form and signature.
    case malformed = "token_malformed"
    case tooLarge = "token_too_large"
    case algorithmNotAllowed = "algorithm_not_allowed"
    case criticalHeader = "critical_header"
    /// No key of the set may be meant: worth one fetch of a newer set.
    case unknownKey = "unknown_key"
    case keyMismatch = "key_mismatch"
    case ambiguousKey = "ambiguous_key"
    case badSignature = "bad_signature"

    // Encryption.
    /// To none of our keys, or not to one that this issuer's tokens are encrypted to.
    case unknownDecryptionKey = "unknown_decryption_key"
    case decryptionFailed = "decryption_failed"
    /// Encrypted, and signed by nobody.
    case notSigned = "token_not_signed"
    case replicatedClaim = "replicated_claim_differs"
    /// Signed only, which the issuer's settings do not admit.
    case notEncrypted = "token_not_encrypted"

    // What kind of token it is.
    /// No `typ: at+jwt`, which the issuer's settings insist on; everything else was not looked at.
    case typeMissing = "token_type_missing"
    case wrongType = "token_type_wrong"
    case notAnAccessToken = "not_an_access_token"
    case notAnIDToken = "not_an_id_token"
    /// Bound to a key or certificate (`cnf`) of which a bearer shows no proof.
    case senderConstrained = "token_sender_constrained"

    // From whom, for whom, how long.
    case wrongIssuer = "wrong_issuer"
    case wrongAudience = "wrong_audience"
    case expiryMissing = "token_expiry_missing"
    case expired = "token_expired"
    case notYetValid = "token_not_yet_valid"
    /// A claim that matters is there and is not what it must be.
    case malformedClaim = "malformed_claim"
    /// A claim is not there that the issuer's settings insist on.
    case claimMissing = "claim_missing"

    // ID tokens only.
    case issueTimeMissing = "issue_time_missing"
    case issueTimeImplausible = "issue_time_implausible"
    case subjectMissing = "subject_missing"
    case wrongSubject = "wrong_subject"
    case wrongAuthorizedParty = "wrong_authorized_party"
    case wrongNonce = "wrong_nonce"
    case wrongAccessToken = "wrong_access_token"
    case wrongAuthenticationTime = "wrong_authentication_time"
    /// `max_age` was asked for, and `auth_time` is missing or too long ago.
    case authenticationTooOld = "authentication_too_old"

    package var word: ByteString { ByteString(rawValue) }

    package init(_ error: JOSEError) {
        self =
            switch error {
            case .malformed: .malformed
            case .tooLarge: .tooLarge
            case .algorithmNotAllowed: .algorithmNotAllowed
            case .criticalHeader: .criticalHeader
            case .unknownKey, .malformedKeySet, .noUsableKey: .unknownKey
            case .keyMismatch: .keyMismatch
            case .ambiguousKey: .ambiguousKey
            case .badSignature: .badSignature
            case .unknownDecryptionKey: .unknownDecryptionKey
            case .decryptionFailed: .decryptionFailed
            case .notSigned: .notSigned
            case .replicatedClaim: .replicatedClaim
            }
    }
}
