package import Encodings
package import JOSE

/// What an access token must be to count here.
/// - Source: RFC 9068 §4, RFC 8725 §3.
package struct AccessTokenRules: Hashable, Sendable {
    package var issuer: ByteString
    /// Our names: one of them must be among the token's audiences.
    package var audiences: [ByteString]
    package let algorithms: Set<SignatureAlgorithm>
    /// The same, for tokens that are read the short way.
    let algorithmSet: AlgorithmSet
    /// Seconds by which clocks may differ.
    package var leeway: Int64
    /// Insists on `typ: at+jwt`, which alone tells an access token from every other kind for
    /// certain.
    package var requiresType: Bool

    package init(
        issuer: ByteString, audiences: [ByteString],
        algorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported, leeway: Int64 = 60,
        requiresType: Bool = true
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.algorithms = algorithms
        algorithmSet = AlgorithmSet(algorithms)
        self.leeway = leeway
        self.requiresType = requiresType
    }

    /// - Parameters:
    ///   - token: what stood behind `Bearer `; untrusted.
    ///   - keys: of ``issuer``, and of nobody else.
    ///   - now: seconds since 1970.
    package func check(
        _ token: ByteString, keys: KeySet, now: Int64
    ) throws(TokenRefusal) -> AccessToken {
        try check(try IssuedToken(token), keys: keys, now: now)
    }

    package func check(
        _ token: IssuedToken, keys: KeySet, now: Int64
    ) throws(TokenRefusal) -> AccessToken {
        guard token.unverifiedIssuer == issuer else { throw .wrongIssuer }
        let isTyped = try checkType(token.header.type)
        let claims = try token.verified(with: keys, allowing: algorithms)
        return try admit(claims, isTyped: isTyped, now: now)
    }

    /// - Parameters:
    ///   - claims: verified.
    ///   - isTyped: what ``checkType(_:)`` returned.
    package func admit(
        _ claims: ClaimsSet, isTyped: Bool, now: Int64
    ) throws(TokenRefusal) -> AccessToken {
        let expiry = try claims.unexpired(now: now, leeway: leeway)
        if !isTyped { try refuseOtherKinds(claims) }
        // Without a proof of possession a bound token is a stolen one for all we know.
        guard claims["cnf"] == nil else { throw .senderConstrained }
        guard let named = claims.audiences, named.contains(where: audiences.contains) else {
            throw .wrongAudience
        }
        _ = try claims.checkedDate("iat")
        for name: ByteString in ["sub", "client_id", "jti"] { _ = try claims.text(name) }
        return AccessToken(
            claims: claims, expiry: expiry.seconds,
            scopes: try claims.text("scope")?.words() ?? [])
    }

    /// The key that a token names, for the log.  Unverified: for nothing else.
    package static func keyID(ofUnverified token: ByteString) -> ByteString? {
        (try? UnverifiedJWS(token))?.header.keyID
    }

    /// - Returns: whether the token says that it is an access token.
    package func checkType(_ type: ByteString?) throws(TokenRefusal) -> Bool {
        switch type {
        case "application/at+jwt": return true
        case nil, "application/jwt":
            guard !requiresType else { throw .typeMissing }
            return false
        default: throw .wrongType
        }
    }

    /// An ID token, a logout token or an introspection answer of the same issuer, signed with the
    /// same key, must not open an API (RFC 8725 §2.8): where no type tells, the claims do that
    /// only those have.
    private func refuseOtherKinds(_ claims: ClaimsSet) throws(TokenRefusal) {
        let foreign: [ByteString] = [
            "nonce", "at_hash", "c_hash", "s_hash", "events", "token_introspection", "htm", "htu",
        ]
        guard !foreign.contains(where: { claims[$0] != nil }) else { throw .notAnAccessToken }
        // How Keycloak and Cognito name their ID tokens.
        guard claims.string("typ")?.lowercased != "id", claims.string("token_use") != "id" else {
            throw .notAnAccessToken
        }
    }
}

/// An access token that was found good.
package struct AccessToken: Hashable, Sendable {
    package var claims: ClaimsSet
    /// Seconds since 1970, without leeway.
    package var expiry: Int64
    package var scopes: [ByteString]

    package init(claims: ClaimsSet, expiry: Int64, scopes: [ByteString]) {
        self.claims = claims
        self.expiry = expiry
        self.scopes = scopes
    }
}
