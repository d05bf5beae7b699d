package import Encodings
package import JOSE

/// What an ID token must be to begin a session, or to go on with one.
/// - Source: OpenID Connect Core §3.1.3.7, §12.2.
package struct IDTokenRules: Hashable, Sendable {
    package var issuer: ByteString
    package var clientID: ByteString
    package var algorithms: Set<SignatureAlgorithm>
    /// Seconds by which clocks may differ.
    package var leeway: Int64
    /// When the user must have been asked at the earliest to prove who they are, in seconds since
    /// 1970, leeway apart; nil: whenever.  For logins only.
    package var authenticatedSince: Int64?

    /// How old the ID token of a login may be, in seconds: it was made a moment ago.
    package static let loginAgeLimit: Int64 = 600

    package init(
        issuer: ByteString, clientID: ByteString,
        algorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported, leeway: Int64 = 60
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.algorithms = algorithms
        self.leeway = leeway
    }

    /// Checks the ID token of a login.
    ///
    /// - Parameters:
    ///   - keys: of ``issuer``, and of nobody else.
    ///   - now: seconds since 1970.
    ///   - nonce: of the attempt: the token must carry it.  Nil where none was sent.
    ///   - accessToken: that came along: `at_hash`, where it is present, must fit it.
    package func check(
        _ token: ByteString, keys: KeySet, now: Int64, nonce: ByteString?,
        accessToken: ByteString?
    ) throws(TokenRefusal) -> IDToken {
        let claims = try verifiedClaims(token, keys: keys, now: now, accessToken: accessToken)
        guard let issued = claims.date("iat"), issued.isAfter(now, leeway: Self.loginAgeLimit)
        else { throw .issueTimeImplausible }
        if let nonce {
            // The code of another attempt, or of another browser, brings another nonce.
            guard let own = try claims.text("nonce"), ConstantTime.equals(own, nonce) else {
                throw .wrongNonce
            }
        }
        let idToken = try idToken(claims)
        if let earliest = authenticatedSince {
            guard let authTime = idToken.authTime, authTime >= earliest &- leeway else {
                throw .authenticationTooOld
            }
        }
        return idToken
    }

    /// Checks an ID token that came with a refresh: it must speak of the same user.
    ///
    /// - Parameters:
    ///   - subject: of the login's ID token.
    ///   - authTime: of the login's ID token; compared where both name one.
    ///   - nonce: of the login's ID token; compared where both name one (OpenID Connect Core
    ///     §12.2).
    package func checkRefreshed(
        _ token: ByteString, keys: KeySet, now: Int64, accessToken: ByteString?,
        subject: ByteString, authTime: Int64?, nonce: ByteString?
    ) throws(TokenRefusal) -> IDToken {
        let claims = try verifiedClaims(token, keys: keys, now: now, accessToken: accessToken)
        let refreshed = try idToken(claims)
        guard refreshed.subject == subject else { throw .wrongSubject }
        if let before = authTime, let after = refreshed.authTime, before != after {
            throw .wrongAuthenticationTime
        }
        if let before = nonce, let after = try claims.text("nonce"),
            !ConstantTime.equals(before, after)
        {
            throw .wrongNonce
        }
        return refreshed
    }

    private func verifiedClaims(
        _ token: ByteString, keys: KeySet, now: Int64, accessToken: ByteString?
    ) throws(TokenRefusal) -> ClaimsSet {
        let token = try IssuedToken(token, issuer: issuer)
        let type = token.header.type
        guard type == nil || type == "application/jwt" else { throw .wrongType }
        let claims = try token.verified(with: keys, allowing: algorithms)
        // A logout token of the same issuer, key and audience.
        guard claims["events"] == nil else { throw .notAnIDToken }
        try checkAudience(claims)
        _ = try claims.unexpired(now: now, leeway: leeway)
        guard claims["iat"] != nil else { throw .issueTimeMissing }
        guard let issued = claims.date("iat") else { throw .malformedClaim }
        guard issued.isReached(now, leeway: leeway) else { throw .issueTimeImplausible }
        try checkHash(claims, token.header.algorithm, accessToken)
        return claims
    }

    /// For us, and for nobody whom we have no reason to trust.
    private func checkAudience(_ claims: ClaimsSet) throws(TokenRefusal) {
        guard let audiences = claims.audiences, !audiences.isEmpty,
            audiences.allSatisfy({ $0 == clientID })
        else { throw .wrongAudience }
        guard let party = try claims.text("azp") else { return }
        guard party == clientID else { throw .wrongAuthorizedParty }
    }

    /// An access token slipped in beside a good ID token does not have the hash's left half.
    private func checkHash(
        _ claims: ClaimsSet, _ algorithm: SignatureAlgorithm, _ accessToken: ByteString?
    ) throws(TokenRefusal) {
        guard let hash = try claims.text("at_hash"), let accessToken else { return }
        let isFit = algorithm.digests(accessToken.bytes).contains { digest in
            ConstantTime.equals(hash, Base64URL.encode(Array(digest.prefix(digest.count / 2))))
        }
        guard isFit else { throw .wrongAccessToken }
    }

    private func idToken(_ claims: ClaimsSet) throws(TokenRefusal) -> IDToken {
        guard let subject = try claims.text("sub"), !subject.isEmpty else { throw .subjectMissing }
        guard subject.count <= 255, subject.bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else {
            throw .malformedClaim
        }
        // glewlwyd writes 0 where it does not know when the user signed in.
        let isUnknown = claims["auth_time"]?.number == 0
        return IDToken(
            claims: claims, subject: subject, providerSessionID: try claims.text("sid"),
            authTime: isUnknown ? nil : try claims.checkedDate("auth_time")?.seconds)
    }
}

/// An ID token that was found good.
package struct IDToken: Hashable, Sendable {
    package var claims: ClaimsSet
    /// 1 to 255 printable ASCII characters; unique for its issuer only.
    package var subject: ByteString
    /// `sid`: the provider's own session, for logouts that name it.
    package var providerSessionID: ByteString?
    /// When the user was last asked to prove who they are, in seconds since 1970.
    package var authTime: Int64?

    package init(
        claims: ClaimsSet, subject: ByteString, providerSessionID: ByteString?, authTime: Int64?
    ) {
        self.claims = claims
        self.subject = subject
        self.providerSessionID = providerSessionID
        self.authTime = authTime
    }
}
