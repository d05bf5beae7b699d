import Cryptography
package import Encodings
package import JOSE
package import OAuth

/// A token's header and claims, read on both ways: by the walk that builds nothing, and by the
/// parser.  Signatures are left out, so that any bytes can be tried.
///
/// What the walk accepts, the parser must accept with the same meaning; what it leaves to the
/// parser proves nothing.  For differential tests and for fuzzing:
///
///     precondition(BothWays(header: bytes, claims: more).agree)
package struct BothWays {
    /// What counts of a token.
    package struct Meaning: Hashable {
        package let algorithm: SignatureAlgorithm
        package let keyID: ByteString?
        /// Seconds since 1970.
        package let expiry: Int64
        /// Those that `scope` names, of ``BothWays/scopes``.
        package let scopes: [ByteString]
    }

    /// Nil where the walk leaves the token to the parser.
    package let walked: Meaning?
    package let parsed: Result<Meaning, TokenRefusal>

    package var agree: Bool { walked == nil || (try? parsed.get()) == walked }

    package static let now: Int64 = 1_790_000_000
    package static let scopes: [ByteString] = ["read", "write"]
    /// What the tests' tokens are for; neither `typ` nor all claims are insisted on, which lets more
    /// rules speak.
    package static let rules = AccessTokenRules(
        issuer: "https://idp.example", audiences: ["https://api.example", "api"], leeway: 60,
        profile: AccessTokenProfile(requiresType: false, requiredClaims: ["sub"]))

    package init(header: [UInt8], claims: [UInt8], rules: AccessTokenRules = BothWays.rules) {
        walked = Self.walk(header, claims, rules)
        parsed = Self.parse(header, claims, rules)
    }

    /// Whether a whole token is found good without the parser, its signature too.
    package static func isProven(
        _ token: ByteString, _ rules: AccessTokenRules, _ keys: KeySet, now: Int64
    ) -> Bool {
        VerifyingLane.borrow { lane in
            let (parts, text) = (lane.text, token)
            guard let token = PlainToken(text.span, on: lane) else { return false }
            guard
                PlainRules(rules).expiry(of: token.header, token.claims, in: parts.bytes, now: now) != nil,
                let key = token.key(in: keys.plain, on: lane)
            else { return false }
            return token.isSigned(by: key, text: text.span, on: lane)
        }
    }

    /// Whether the walk takes a document for claims, whatever they say.
    package static func isWalked(_ document: [UInt8]) -> Bool {
        let scratch = Scratch(capacity: 10 << 10)
        let text = Base64URL.encode(document)
        guard let count = Base64URL.decode(text.span, into: scratch) else { return false }
        return PlainClaims(scratch.bytes, from: 0, count: count) != nil
    }

    private static func walk(
        _ header: [UInt8], _ claims: [UInt8], _ rules: AccessTokenRules
    ) -> Meaning? {
        // As a token carries them, so that the decoder is tried as well.
        let (first, second) = (Base64URL.encode(header), Base64URL.encode(claims))
        let scratch = Scratch(capacity: 10 << 10)
        guard let count = Base64URL.decode(first.span, into: scratch),
            let plainHeader = PlainHeader(scratch.bytes, from: 0, count: count)
        else { return nil }
        let start = count + 8
        guard let length = Base64URL.decode(second.span, into: scratch, at: start),
            let plainClaims = PlainClaims(scratch.bytes, from: start, count: length),
            let expiry = PlainRules(rules).expiry(
                of: plainHeader, plainClaims, in: scratch.bytes, now: now)
        else { return nil }
        return Meaning(
            algorithm: plainHeader.algorithm,
            keyID: plainHeader.keyID.map { ByteString(copying: scratch.bytes.extracting($0)) },
            expiry: expiry,
            scopes: scopes.filter { scope in
                PlainRules(rules).expiry(
                    of: plainHeader, plainClaims, in: scratch.bytes, requiring: [scope], now: now)
                    != nil
            })
    }

    private static func parse(
        _ header: [UInt8], _ claims: [UInt8], _ rules: AccessTokenRules
    ) -> Result<Meaning, TokenRefusal> {
        do throws(TokenRefusal) {
            let (header, claims) = try read(header, claims)
            guard claims.issuer == rules.issuer else { throw .wrongIssuer }
            let isTyped = try rules.checkType(header.type)
            guard rules.algorithms.contains(header.algorithm) else { throw .algorithmNotAllowed }
            let token = try rules.admit(claims, isTyped: isTyped, now: now)
            return .success(
                Meaning(
                    algorithm: header.algorithm, keyID: header.keyID, expiry: token.expiry,
                    scopes: scopes.filter(token.scopes.contains)))
        } catch {
            return .failure(error)
        }
    }

    private static func read(
        _ header: [UInt8], _ claims: [UInt8]
    ) throws(TokenRefusal) -> (JOSEHeader, ClaimsSet) {
        do throws(JOSEError) {
            return (try JOSEHeader(header), try ClaimsSet.parse(claims))
        } catch {
            throw TokenRefusal(error)
        }
    }
}
