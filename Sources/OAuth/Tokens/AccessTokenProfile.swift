package import Encodings
package import JOSE

/// How an issuer writes its access tokens: as RFC 9068 has it, but for what its settings relax.
///
/// All that providers do differently stands here, and the checks that depend on it.
/// - Source: RFC 9068 §2.2, §4.
package struct AccessTokenProfile: Hashable, Sendable {
    /// Insists on `typ: at+jwt`, which alone tells an access token from every other kind for
    /// certain.
    package var requiresType: Bool
    /// Claims that must be there, beside `iss`, `exp` and ``audienceClaim``.
    package var requiredClaims: [ByteString]
    /// Where one of our names must stand.
    package var audienceClaim: ByteString
    package var scopeClaim: ByteString
    /// Takes a list of texts for the scopes, too, each of them whole.
    package var allowsScopeList: Bool

    package static let rfc9068 = AccessTokenProfile()

    package init(
        requiresType: Bool = true,
        requiredClaims: [ByteString] = ["sub", "client_id", "iat", "jti"],
        audienceClaim: ByteString = "aud", scopeClaim: ByteString = "scope",
        allowsScopeList: Bool = false
    ) {
        self.requiresType = requiresType
        self.requiredClaims = requiredClaims
        self.audienceClaim = audienceClaim
        self.scopeClaim = scopeClaim
        self.allowsScopeList = allowsScopeList
    }

    /// What must be there of a token that is read the short way; nil where all take the long one.
    var plainClaims: PlainClaims.Present? {
        guard audienceClaim == "aud", scopeClaim == "scope" else { return nil }
        var claims: PlainClaims.Present = []
        for name in requiredClaims {
            switch name {
            case "iss", "aud", "exp": break
            case "sub": claims.insert(.subject)
            case "client_id": claims.insert(.clientID)
            case "iat": claims.insert(.issueTime)
            case "jti": claims.insert(.tokenID)
            default: return nil
            }
        }
        return claims
    }

    /// What is there and says nothing is missing, too.
    package func missingClaims(of claims: ClaimsSet) -> [ByteString] {
        requiredClaims.filter { name in
            guard let value = claims[name] else { return true }
            return value == .null || value == .string("")
        }
    }

    /// - Returns: nil where there is none, or anything but text or a list of texts.
    package func audiences(of claims: ClaimsSet) -> [ByteString]? { claims.texts(audienceClaim) }

    /// - Returns: none where the claim is missing.
    func scopes(of claims: ClaimsSet) throws(TokenRefusal) -> [ByteString] {
        if allowsScopeList, let list = claims[scopeClaim]?.strings { return list }
        return try claims.text(scopeClaim)?.words() ?? []
    }

    /// An ID token, a logout token or an introspection answer of the same issuer, signed with the
    /// same key, must not open an API (RFC 8725 §2.8): where no type tells, the claims do that
    /// only those have.
    func refuseOtherKinds(_ claims: ClaimsSet) throws(TokenRefusal) {
        let foreign: [ByteString] = [
            "nonce", "at_hash", "c_hash", "s_hash", "events", "token_introspection", "htm", "htu",
        ]
        guard !foreign.contains(where: { claims[$0] != nil }) else { throw .notAnAccessToken }
        // How Keycloak and Cognito name their ID tokens.
        guard claims.string("typ")?.lowercased != "id", claims.string("token_use") != "id" else {
            throw .notAnAccessToken
        }
        // A token that is for the very client that it was given to is an ID token.
        if audienceClaim != "aud", let clients = audiences(of: claims),
            let named = claims.audiences, clients.contains(where: named.contains)
        {
            throw .notAnAccessToken
        }
    }
}
