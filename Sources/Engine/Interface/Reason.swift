package import Encodings
package import OAuth

/// Why a request was decided as it was, in one stable word: the same in the log, in the host's
/// variable and in the documentation.
package struct Reason: Hashable, Sendable, CustomStringConvertible {
    package let word: ByteString
    private init(_ word: ByteString) { self.word = word }

    package var description: String { word.string }

    /// The token is good, or the session.
    package static let ok = Reason("ok")
    /// The policy guards only its own endpoints; this is another path.
    package static let notGuarded = Reason("not_guarded")
    package static let preflight = Reason("preflight")

    // Bearer
    package static let tokenMissing = Reason("token_missing")
    package static let credentialsMalformed = Reason("credentials_malformed")
    package static let credentialsRepeated = Reason("credentials_repeated")
    package static let tokenRefused = Reason("token_refused")
    package static let insufficientScope = Reason("insufficient_scope")
    package static let keysUnavailable = Reason("keys_unavailable")

    // Session
    package static let sessionMissing = Reason("session_missing")
    package static let sessionCookieRepeated = Reason("session_cookie_repeated")
    package static let sessionUnknown = Reason("session_unknown")
    package static let crossSiteRequest = Reason("cross_site_request")
    package static let claimUnfit = Reason("claim_unfit")
    package static let refreshPending = Reason("refresh_pending")
    package static let refreshFailed = Reason("refresh_failed")
    package static let refreshImpossible = Reason("refresh_impossible")
    package static let refreshOutcomeUnknown = Reason("refresh_outcome_unknown")
    package static let storeUnavailable = Reason("store_unavailable")

    // Endpoints
    package static let endpointUnknown = Reason("endpoint_unknown")
    package static let methodNotAllowed = Reason("method_not_allowed")
    package static let loginStarted = Reason("login_started")
    package static let loginNeedsNavigation = Reason("login_needs_navigation")
    package static let loginCompleted = Reason("login_completed")
    package static let loginAlreadyCompleted = Reason("login_already_completed")
    package static let loginAttemptMissing = Reason("login_attempt_missing")
    package static let loginAnswerMalformed = Reason("login_answer_malformed")
    package static let loginRefusedByProvider = Reason("login_refused_by_provider")
    package static let loginCodeRefused = Reason("login_code_refused")
    package static let loginTokenRefused = Reason("login_token_refused")
    package static let loginPending = Reason("login_pending")
    package static let providerUnavailable = Reason("provider_unavailable")
    package static let sessionShown = Reason("session_shown")
    package static let loggedOut = Reason("logged_out")

    // The library itself
    package static let policyUnknown = Reason("policy_unknown")
    package static let randomUnavailable = Reason("random_unavailable")

    /// A bearer token that was looked at and refused.
    package init(_ refusal: TokenRefusal) { self.init(refusal.word) }

    /// Every word there is; the documentation has an entry for each.
    package static let all: [Reason] =
        [
            ok, notGuarded, preflight, tokenMissing, credentialsMalformed, credentialsRepeated,
            tokenRefused, insufficientScope, keysUnavailable, sessionMissing, sessionCookieRepeated,
            sessionUnknown, crossSiteRequest, claimUnfit, refreshPending, refreshFailed,
            refreshImpossible, refreshOutcomeUnknown, storeUnavailable, endpointUnknown,
            methodNotAllowed, loginStarted, loginNeedsNavigation, loginCompleted,
            loginAlreadyCompleted, loginAttemptMissing, loginAnswerMalformed,
            loginRefusedByProvider, loginCodeRefused, loginTokenRefused, loginPending,
            providerUnavailable, sessionShown, loggedOut, policyUnknown, randomUnavailable,
        ] + TokenRefusal.allCases.map(Reason.init)
}
