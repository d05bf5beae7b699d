import Configuration
package import Cryptography
package import Encodings
package import HTTPMessages
package import JOSE
package import OAuth
package import Sessions

/// What a job may use beside its own values.
package struct JobTools: Sendable {
    package var random: any RandomSource
    package init(random: any RandomSource) { self.random = random }
}

/// Work for the processor alone: cryptography and the reading of documents.
package enum Job: Sendable {
    /// Answered by `.accessToken`.
    case verifyAccessToken(ByteString, BearerCheck, now: Int64)
    /// Answered by `.nested`.
    case openAccessToken(ByteString, DecryptionKeys)
    /// Answered by `.metadata`.
    case readMetadata(OutboundResponse, issuer: ByteString, allowsPlainHTTP: Bool)
    /// Answered by `.keys`.
    case readKeys(OutboundResponse)
    /// Of the operator's key file.  Answered by `.keys`.
    case readKeyFile([UInt8])
    /// Answered by `.sealed`.
    case sealRecord(ProviderRecord, KeyRing)
    /// Answered by `.record`.
    case openRecord([UInt8], ProviderRecord.Purpose, KeyRing, allowsPlainHTTP: Bool)
    /// Answered by `.attempt`.
    case beginAttempt(
        provider: ByteString, returnTo: ByteString, KeyRing, GuardedCookies, now: Int64)
    /// Answered by `.opened`.
    case openAttempt(
        ByteString, state: ByteString, KeyRing, GuardedCookies, now: Int64, maximumAge: Int64)
    /// Answered by `.tokens`.
    case readTokens(OutboundResponse, refusals: [RefusalShape])
    /// Answered by `.identity`.
    case verifyIdentity(IdentityCheck)
    /// Answered by `.created`.
    case createSession(
        SessionContents, KeyRing, idleExpiry: Int64, providerSession: ByteString?)
    /// Answered by `.session`.
    case openSession(SessionRow, SessionTicket, KeyRing)
    /// Answered by `.sealed`.
    case sealSession(SessionContents, SessionTicket, generation: UInt64, KeyRing)
}

/// A provider's documents out of the store, read as if they had just come.
package struct OpenedRecord: Sendable {
    package var record: ProviderRecord
    package var metadata: ProviderMetadata?
    package var keys: KeySet
}

/// What a login takes along.
package struct NewAttempt: Sendable {
    package var attempt: LoginAttempt
    /// PKCE S256, of the attempt's verifier.
    package var challenge: ByteString
    package var cookieName: ByteString
    package var cookieValue: ByteString
}

/// An ID token, and what it must say.
package struct IdentityCheck: Sendable {
    package var token: ByteString
    package var rules: IDTokenRules
    package var keys: KeySet
    package var now: Int64
    package var accessToken: ByteString
    package var subject: Subject

    /// Whom it must name.
    package enum Subject: Sendable {
        /// A login: whoever it is, with the attempt's nonce.
        case anyone(nonce: ByteString)
        /// A refresh: the same person in the same session.
        case same(subject: ByteString, authTime: Int64?, nonce: ByteString?)
    }
}

/// What came of a ``Job``.
package enum JobResult: Sendable {
    case accessToken(BearerVerdict)
    case nested(Result<NestedToken, TokenRefusal>)
    case metadata(Result<ProviderMetadata, MetadataError>)
    case keys(Result<KeySet, JOSEError>)
    /// Nil where it is not ours, or says what no good answer of the provider would say.
    case record(OpenedRecord?)
    /// Nil where the random source failed.
    case attempt(NewAttempt?)
    /// Nil where it is not ours, not of this state, or too old.
    case opened(LoginAttempt?)
    case tokens(TokenResponse)
    case identity(Result<IDToken, TokenRefusal>)
    case created(SessionTicket, SessionRow)
    /// The random source failed: nothing can be made that nobody could guess (HYG-02).
    case noRandomness
    /// Nil where it cannot be opened: another key ring, or not ours.
    case session(SessionContents?, csrf: ByteString)
    case sealed([UInt8]?)
}
