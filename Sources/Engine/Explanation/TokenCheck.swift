import Encodings
import JOSE
import OAuth

/// An access token, looked at once more.
///
/// The verdict is that of ``AccessTokenRules``, the very check that decides; what is told beside
/// it only says what there was to see, up to the check that refused.
struct TokenCheck {
    private let token: ByteString
    private let decryptionKey: DecryptionKey?
    private let rules: AccessTokenRules
    /// Nil: only for a token that names none of the issuers.
    private let keys: KeySet?
    private let now: Int64

    init(
        _ token: ByteString, openedWith decryptionKey: DecryptionKey?, _ rules: AccessTokenRules,
        _ keys: KeySet?, _ now: Int64
    ) {
        self.token = token
        self.decryptionKey = decryptionKey
        self.rules = rules
        self.keys = keys
        self.now = now
    }

    /// - Returns: nil where the token is refused.
    func run(telling explanation: inout Explanation) -> AccessToken? {
        do throws(TokenRefusal) {
            let issued = try IssuedToken(token)
            guard let keys else { throw .wrongIssuer }
            let accessToken = try rules.check(
                issued, openedWith: decryptionKey, keys: keys, now: now)
            tell(nil, &explanation)
            return accessToken
        } catch {
            tell(error, &explanation)
            return nil
        }
    }

    /// - Parameter refusal: nil where there is none.
    private func tell(_ refusal: TokenRefusal?, _ explanation: inout Explanation) {
        explanation.seen = refusal.map { Reason($0) }
        guard let jws = try? UnverifiedJWS(token),
            let claims = try? ClaimsSet.parse(jws.unverifiedPayload)
        else { return explanation.add(form(refusal)) }
        explanation.add(header(jws.header))
        for finding in findings(refusal, jws.header, claims) {
            if finding.isRefusal { return explanation.add(finding.bad) }
            if let good = finding.good { explanation.add(good) }
        }
    }

    /// What one check had to say.
    private struct Finding {
        var isRefusal: Bool
        /// Nil where it is not worth a word.
        var good: ByteString?
        var bad: ByteString
    }

    /// In the order of ``AccessTokenRules``.
    private func findings(
        _ refusal: TokenRefusal?, _ header: JOSEHeader, _ claims: ClaimsSet
    ) -> [Finding] {
        func check(_ own: TokenRefusal?..., good: ByteString? = nil, bad: ByteString) -> Finding {
            Finding(isRefusal: refusal != nil && own.contains(refusal), good: good, bad: bad)
        }
        let issuer = claims.issuer.map(Explanation.quoted) ?? "none"
        let profile = rules.profile
        let audiences = profile.audiences(of: claims).map(Explanation.list) ?? "none"
        let times = times(claims)
        return [
            check(.wrongIssuer, good: "iss good", bad: "iss \(issuer) is no issuer of this policy"),
            check(.notEncrypted, bad: "it is not encrypted, and require_encryption is on"),
            check(
                .unknownDecryptionKey,
                bad: "the key that opened it is not among this issuer's decryption_key_files"),
            check(.typeMissing, .wrongType, bad: "typ at+jwt is needed"),
            check(.algorithmNotAllowed, bad: "alg is not among access_token_algorithms"),
            check(
                .unknownKey, .keyMismatch, .ambiguousKey, good: "key found", bad: keyTrouble(header)
            ),
            check(.badSignature, good: "signature good", bad: "signature bad"),
            check(
                .expiryMissing, .expired, .notYetValid, areTimes(claims) ? nil : .malformedClaim,
                good: times, bad: times),
            check(.notAnAccessToken, bad: "its claims are those of another kind of token"),
            check(.senderConstrained, bad: "cnf binds it to a key"),
            check(
                .wrongAudience, good: "\(profile.audienceClaim) good",
                bad: "\(profile.audienceClaim) \(audiences) has none of "
                    + Explanation.list(rules.audiences)),
            check(
                .malformedClaim,
                bad: "one of iat, sub, client_id, jti, \(profile.scopeClaim) is of the wrong type"),
            check(
                .claimMissing,
                bad: "it lacks " + Explanation.list(profile.missingClaims(of: claims))),
        ]
    }

    // MARK: What there is to see

    private func form(_ refusal: TokenRefusal?) -> ByteString {
        switch refusal {
        case .tooLarge: "it is too large"
        case .criticalHeader: "its header demands an extension (crit, b64)"
        case .algorithmNotAllowed: "its alg \(namedAlgorithm) is none that exists here"
        default: "it is no signed JWT in compact form"
        }
    }

    private var namedAlgorithm: ByteString {
        guard let (first, _) = token.divided(at: 0x2E), let json = Base64URL.decode(first),
            let name = (try? JSONObject.parse(json, limits: .header))?["alg"]?.string
        else { return "" }
        return Explanation.quoted(name)
    }

    private func header(_ header: JOSEHeader) -> ByteString {
        let type = header.type.map { $0.dropping(prefix: "application/") ?? $0 }
        return "header: alg \(header.algorithm.name), kid "
            + (header.keyID.map(Explanation.quoted) ?? "none")
            + ", typ " + (type.map(Explanation.quoted) ?? "none")
    }

    private func keyTrouble(_ header: JOSEHeader) -> ByteString {
        let all = keys?.keys ?? []
        let named = header.keyID == nil ? all : all.filter { $0.keyID == header.keyID }
        let fitting = named.count { $0.verifies(header.algorithm) }
        guard !named.isEmpty else { return "no key has that kid, of \(all.count)" }
        return "\(named.count) of \(all.count) keys may be meant, \(fitting) are for that alg"
    }

    private func areTimes(_ claims: ClaimsSet) -> Bool {
        claims.date("exp") != nil && (claims["nbf"] == nil || claims.date("nbf") != nil)
    }

    private func times(_ claims: ClaimsSet) -> ByteString {
        func distance(_ name: ByteString) -> ByteString {
            guard claims[name] != nil else { return name + " none" }
            guard let date = claims.date(name) else { return name + " is no time" }
            let left = date.seconds &- now
            return left > 0 ? "\(name) in \(left) s" : "\(name) \(0 &- left) s ago"
        }
        let text = distance("exp") + (claims["nbf"] == nil ? "" : ", " + distance("nbf"))
        return text + ", leeway \(rules.leeway) s"
    }
}
