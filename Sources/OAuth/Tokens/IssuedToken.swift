package import Encodings
import JOSE

/// A token on its way from text to verified claims: what access tokens and ID tokens have in
/// common.
package struct IssuedToken: Sendable {
    let header: JOSEHeader
    /// Unverified until ``verified(with:allowing:)`` has returned.
    private let claims: ClaimsSet
    private let jws: UnverifiedJWS

    package init(_ text: ByteString) throws(TokenRefusal) {
        do {
            jws = try UnverifiedJWS(text)
            claims = try ClaimsSet.parse(jws.unverifiedPayload)
        } catch {
            throw TokenRefusal(error)
        }
        header = jws.header
    }

    /// - Throws: ``TokenRefusal/wrongIssuer`` already here: a forged `iss` must not cause a look at
    ///   keys, let alone a fetch of new ones.  No other claim is read before the signature is.
    init(_ text: ByteString, issuer: ByteString) throws(TokenRefusal) {
        try self.init(text)
        guard claims.issuer == issuer else { throw .wrongIssuer }
    }

    /// As the token says, for picking the issuer whose keys may prove it, and for nothing else.
    package var unverifiedIssuer: ByteString? { claims.issuer }

    func verified(
        with keys: KeySet, allowing algorithms: Set<SignatureAlgorithm>
    ) throws(TokenRefusal) -> ClaimsSet {
        do {
            _ = try jws.verify(with: keys, allowing: algorithms)
        } catch {
            throw TokenRefusal(error)
        }
        return claims
    }
}

extension ClaimsSet {
    /// The token's last moment; it must have one, and it must lie ahead.
    func unexpired(now: Int64, leeway: Int64) throws(TokenRefusal) -> NumericDate {
        guard self["exp"] != nil else { throw .expiryMissing }
        guard let expiry = date("exp") else { throw .malformedClaim }
        guard expiry.isAfter(now, leeway: leeway) else { throw .expired }
        if self["nbf"] != nil {
            guard let start = date("nbf") else { throw .malformedClaim }
            guard start.isReached(now, leeway: leeway) else { throw .notYetValid }
        }
        return expiry
    }

    /// - Returns: nil where the claim is missing.
    /// - Throws: ``TokenRefusal/malformedClaim`` where it is there and is no text.
    func text(_ name: ByteString) throws(TokenRefusal) -> ByteString? {
        guard let value = self[name] else { return nil }
        guard let text = value.string else { throw .malformedClaim }
        return text
    }

    /// As ``text(_:)``, for dates.
    func checkedDate(_ name: ByteString) throws(TokenRefusal) -> NumericDate? {
        guard let value = self[name] else { return nil }
        guard let date = NumericDate(value) else { throw .malformedClaim }
        return date
    }
}
