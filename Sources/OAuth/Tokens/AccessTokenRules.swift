package import Encodings
package import JOSE

/// What an access token must be to count here.
/// - Source: RFC 9068 §4, RFC 8725 §3.
package struct AccessTokenRules: Hashable, Sendable {
    package var issuer: ByteString
    /// Our names: one of them must stand where the profile looks for audiences.
    package var audiences: [ByteString]
    package let algorithms: Set<SignatureAlgorithm>
    /// Seconds by which clocks may differ.
    package var leeway: Int64
    package let profile: AccessTokenProfile
    /// Ours, to which this issuer encrypts its tokens; none: it does not.
    package let decryptionKeys: DecryptionKeys
    /// Refuses tokens that are signed only.
    package let requiresEncryption: Bool

    package init(
        issuer: ByteString, audiences: [ByteString],
        algorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported, leeway: Int64 = 60,
        profile: AccessTokenProfile = .rfc9068, decryptionKeys: DecryptionKeys = DecryptionKeys(),
        requiresEncryption: Bool = false
    ) {
        self.issuer = issuer
        self.audiences = audiences
        self.algorithms = algorithms
        self.leeway = leeway
        self.profile = profile
        self.decryptionKeys = decryptionKeys
        self.requiresEncryption = requiresEncryption
    }

    /// - Parameters:
    ///   - token: what stood behind `Bearer `, or within the encrypted token that did; untrusted.
    ///   - decryptionKey: by which it was opened; nil for one that was only signed.
    ///   - keys: of ``issuer``, and of nobody else.
    ///   - now: seconds since 1970.
    package func check(
        _ token: ByteString, openedWith decryptionKey: DecryptionKey? = nil, keys: KeySet,
        now: Int64
    ) throws(TokenRefusal) -> AccessToken {
        try check(
            try IssuedToken(token), openedWith: decryptionKey, keys: keys, now: now)
    }

    package func check(
        _ token: IssuedToken, openedWith decryptionKey: DecryptionKey? = nil, keys: KeySet,
        now: Int64
    ) throws(TokenRefusal) -> AccessToken {
        guard token.unverifiedIssuer == issuer else { throw .wrongIssuer }
        try checkEncryption(decryptionKey)
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
        if !isTyped { try profile.refuseOtherKinds(claims) }
        // Without a proof of possession a bound token is a stolen one for all we know.
        guard claims["cnf"] == nil else { throw .senderConstrained }
        guard let named = profile.audiences(of: claims), named.contains(where: audiences.contains)
        else { throw .wrongAudience }
        _ = try claims.checkedDate("iat")
        for name: ByteString in ["sub", "client_id", "jti"] { _ = try claims.text(name) }
        guard profile.missingClaims(of: claims).isEmpty else { throw .claimMissing }
        return AccessToken(
            claims: claims, expiry: expiry.seconds, scopes: try profile.scopes(of: claims))
    }

    /// - Source: OpenID Connect Core §3.1.3.7, step 1 (JWE-12).
    private func checkEncryption(_ key: DecryptionKey?) throws(TokenRefusal) {
        guard let key else {
            guard !requiresEncryption else { throw .notEncrypted }
            return
        }
        // A key that another issuer was given.
        guard decryptionKeys.keys.contains(key) else { throw .unknownDecryptionKey }
    }

    /// - Returns: whether the token says that it is an access token.
    package func checkType(_ type: ByteString?) throws(TokenRefusal) -> Bool {
        switch type {
        case "application/at+jwt": return true
        case nil, "application/jwt":
            guard !profile.requiresType else { throw .typeMissing }
            return false
        default: throw .wrongType
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

    /// Reads a token once more that was found good.
    package init?(verified text: ByteString) {
        guard let jws = try? UnverifiedJWS(text),
            let claims = try? ClaimsSet.parse(jws.unverifiedPayload),
            let expiry = claims.date("exp")
        else { return nil }
        self.init(
            claims: claims, expiry: expiry.seconds, scopes: claims.string("scope")?.words() ?? [])
    }
}
