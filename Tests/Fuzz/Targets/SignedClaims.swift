import Cryptography
import Encodings
import JOSE
import OAuth

/// Header and claims that we sign for whoever asks: so a mutation comes past the signature, and
/// each rule is compared with the same rule written once more.
private struct SignedInput {
    let header: Jansson
    let claims: Jansson
    let token: ByteString
    /// Right in all that has nothing to do with claims.
    let isSound: Bool

    /// - Parameter input: a line for the header; the rest are the claims.
    init(_ input: [UInt8]) {
        let head = Array(input.prefix { $0 != 0x0A })
        let body = Array(input.dropFirst(head.count + 1))
        let header = Jansson(head)
        (self.header, claims) = (header, Jansson(body))
        token = Signed.forge.token(headerText: ByteString(head), payload: ByteString(body))
        let isOurs = ["Ed25519", "EdDSA"].contains(header.member("alg").text)
        let name = header.member("kid")
        let isFree = ["crit", "b64", "enc", "zip"].allSatisfy { header.member($0) == .absent }
        isSound =
            isOurs && isFree && (name == .absent || name.text == "k1")
            && header.member("typ").isAbsentOrText && header.member("cty").isAbsentOrText
            && (try? JSONObject.parse(head, limits: .header)) != nil
            && (try? JSONObject.parse(body, limits: .token)) != nil && token.count <= 16 << 10
    }

    var type: ByteString? {
        guard let type = header.member("typ").text?.lowercased else { return nil }
        return type.bytes.contains(0x2F) ? type : "application/" + type
    }

    var isInTime: Bool {
        let (expiry, start) = (claims.member("exp"), claims.member("nbf"))
        guard expiry.isDate, let end = expiry.number, end > Double(Signed.now - Signed.leeway)
        else { return false }
        guard start != .absent else { return true }
        return start.isDate && (start.number ?? 0) <= Double(Signed.now + Signed.leeway)
    }

    /// - Parameter isStrict: as RFC 9068 has it; else `typ` and further claims may be missing.
    func isAccessToken(isStrict: Bool) -> Bool {
        let isTyped = type == "application/at+jwt"
        let mayBeUntyped = !isStrict && (type == nil || type == "application/jwt")
        let foreign = [
            "nonce", "at_hash", "c_hash", "s_hash", "events", "token_introspection", "htm", "htu",
        ]
        let isOtherKind =
            foreign.contains { claims.member($0) != .absent }
            || claims.member("typ").text?.lowercased == "id"
            || claims.member("token_use").text == "id"
        let isWhole =
            claims.member("iat").isDate
            && ["sub", "client_id", "jti"].allSatisfy { claims.member($0).text?.isEmpty == false }
        return isSound && (isWhole || !isStrict) && claims.member("iss").text == Signed.issuer
            && (isTyped || mayBeUntyped && !isOtherKind) && isInTime
            && claims.member("cnf") == .absent
            && claims.member("aud").texts?.contains(Signed.audience) == true
            && claims.member("iat").isAbsentOrDate
            && ["sub", "client_id", "jti", "scope"].allSatisfy {
                claims.member($0).isAbsentOrText
            }
    }

    var isIDToken: Bool {
        let issued = claims.member("iat")
        let audiences = claims.member("aud").texts ?? []
        let party = claims.member("azp")
        guard isSound, claims.member("iss").text == Signed.issuer,
            type == nil || type == "application/jwt", isInTime,
            claims.member("events") == .absent, issued.isDate, let time = issued.number,
            time <= Double(Signed.now + Signed.leeway), time > Double(Signed.now - 600),
            !audiences.isEmpty, audiences.allSatisfy({ $0 == "app" }),
            party == .absent || party.text == "app", claims.member("nonce").text == "n",
            let subject = claims.member("sub").text, (1...255).contains(subject.count),
            subject.isPrintableASCII, claims.member("sid").isAbsentOrText
        else { return false }
        let seen = claims.member("auth_time")
        guard seen.number == 0 || seen.isAbsentOrDate else { return false }
        let hash = claims.member("at_hash")
        let half = Array(Digest.sha512(Array("access".utf8)).prefix(32))
        return hash == .absent || hash.text == Base64URL.encode(half)
    }
}

extension FuzzTarget {
    static let accessClaims = FuzzTarget(
        name: "access-claims", about: "header and claims of access tokens that are signed",
        longest: 18 << 10, words: claimWords + ["\"typ\":\"at+jwt\"", "\"kid\":\"k1\""],
        seeds: {
            let head = "{\"alg\":\"Ed25519\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}\n"
            return claimSeeds(head)
                + [
                    Signed.claims(),
                    Signed.claims(["nbf": .real(1.5), "aud": ["https://api.example"]]),
                ]
                .flatMap { claims in
                    let text = claims.serialized.string
                    return inputs(
                        head + text, "{\"alg\":\"EdDSA\"}\n" + text,
                        "{\"alg\":\"Ed25519\",\"typ\":\"JWT\"}\n" + text)
                }
        }
    ) { input in
        guard let keys = Signed.forgeKeys else { return promise(false, "there is a key") }
        let signed = SignedInput(input)
        for isStrict in [true, false] {
            let rules = AccessTokenRules(
                issuer: Signed.issuer, audiences: [Signed.audience], leeway: Signed.leeway,
                profile: isStrict ? .rfc9068 : .loose)
            let token = try? rules.check(signed.token, keys: keys, now: Signed.now)
            promise(
                (token != nil) == signed.isAccessToken(isStrict: isStrict),
                "the rules are those of RFC 9068: " + (token == nil ? "refused" : "accepted"))
            guard let token else { continue }
            promise(token.expiry > Signed.now - Signed.leeway - 1, "it has not expired")
            promise(token.scopes.allSatisfy { !$0.isEmpty }, "scopes are words")
        }
    }

    static let idToken = FuzzTarget(
        name: "id-token", about: "header and claims of ID tokens that are signed",
        longest: 18 << 10, words: claimWords,
        seeds: {
            let head = "{\"alg\":\"Ed25519\",\"kid\":\"k1\"}\n"
            let half = Array(Digest.sha512(Array("access".utf8)).prefix(32))
            let hash = JSONValue.string(Base64URL.encode(half))
            return claimSeeds(head)
                + [
                    Signed.idClaims(), Signed.idClaims(["at_hash": hash, "azp": "app"]),
                    Signed.idClaims(["auth_time": 0, "sid": "s", "aud": ["app", "app"]]),
                ].flatMap { inputs(head + $0.serialized.string) }
        }
    ) { input in
        guard let keys = Signed.forgeKeys else { return promise(false, "there is a key") }
        let signed = SignedInput(input)
        let rules = IDTokenRules(issuer: Signed.issuer, clientID: "app", leeway: Signed.leeway)
        let token = try? rules.check(
            signed.token, keys: keys, now: Signed.now, nonce: "n", accessToken: "access")
        promise(
            (token != nil) == signed.isIDToken,
            "the rules are OpenID Connect's: " + (token == nil ? "refused" : "accepted"))
        guard let token else { return }
        let refreshed = try? rules.checkRefreshed(
            signed.token, keys: keys, now: Signed.now, accessToken: "access",
            subject: token.subject, authTime: token.authTime, nonce: "n")
        promise(refreshed == token, "with a refresh it is good for the same person")
        let other = try? rules.checkRefreshed(
            signed.token, keys: keys, now: Signed.now, accessToken: "access",
            subject: token.subject + "x", authTime: nil, nonce: nil)
        promise(other == nil, "and for nobody else")
    }

    static func claimSeeds(_ head: String) -> [[UInt8]] {
        VectorRecords("own").sample(80) { record in
            guard record.kind == "jwt", let token = record.token else { return nil }
            let parts = VectorRecords.parts(token)
            return parts.count == 3 ? Array(head.utf8) + parts[1] : nil
        }
    }
}
