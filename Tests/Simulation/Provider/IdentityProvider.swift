import Encodings
import HTTPMessages
import Sessions
import TokenForge

/// The OpenID provider of a world: signs people in, rotates refresh tokens, and does with a spent
/// one what its scenario says.
final class IdentityProvider {
    /// All tokens that descend from one login.
    final class Family {
        let number: Int
        var serial = 0
        var isEnded = false
        /// Once it has named someone else in an ID token.
        var hasStrayed = false

        init(_ number: Int) { self.number = number }
        var subject: ByteString { "user-\(ByteString(number))" }
    }

    private struct Code {
        var challenge: ByteString
        var nonce: ByteString
        var isUsed = false
    }

    private struct RefreshToken {
        let family: Family
        var usedAt: Int64?
    }

    private static let grace: Int64 = 20_000

    private var families: [Family] = []
    private var codes: [ByteString: Code] = [:]
    private var refreshTokens: [ByteString: RefreshToken] = [:]
    private var forges: [TokenForge] = []
    private var jwks: [JSONObject] = []
    /// When each key began to sign, by the world's time.
    private(set) var keyTimes: [ByteString: Int64] = [:]
    private unowned let world: World

    init(_ world: World) {
        self.world = world
        rotateKey()
    }

    // MARK: The browser's side

    /// Signs the person in who was sent here.
    /// - Returns: path and query of the way back.
    func authorize(_ location: ByteString) -> ByteString? {
        let parameters = Parameters(location.divided(at: 0x3F)?.1 ?? "")
        guard let state = parameters["state"], let nonce = parameters["nonce"],
            let challenge = parameters["code_challenge"]
        else { return nil }
        let code = "code-\(ByteString(codes.count + 1))" as ByteString
        codes[code] = Code(challenge: challenge, nonce: nonce)
        return "/auth/callback?"
            + FormEncoding.encode([("code", code), ("state", state), ("iss", Settings.issuer)])
    }

    func rotateKey() {
        let number = UInt8(truncatingIfNeeded: forges.count + 1)
        let forge = TokenForge(keyID: "key-\(ByteString(number))", seed: number)
        forges.append(forge)
        jwks.append(forge.jwk)
        keyTimes[forge.keyID] = world.time
        world.note("provider") { "signs with key-\(number) from now on" }
    }

    // MARK: The engines' side

    func answer(_ exchange: Exchange) -> OutboundResponse {
        switch exchange.purpose {
        case .metadata: metadata
        case .keys: keys
        case .code(let code): redeem(code, exchange)
        case .refresh(let token): refresh(token, exchange)
        case .revocation(let token): revoke(token)
        }
    }

    private var metadata: OutboundResponse {
        Self.json(200, [
            "issuer": .string(Settings.issuer),
            "authorization_endpoint": .string(Settings.issuer + "/authorize"),
            "token_endpoint": .string(Settings.issuer + "/token"),
            "jwks_uri": .string(Settings.issuer + "/keys"),
            "revocation_endpoint": .string(Settings.issuer + "/revoke"),
            "end_session_endpoint": .string(Settings.issuer + "/logout"),
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        ])
    }

    private var keys: OutboundResponse {
        let shown = jwks.suffix(shownCount)
        return OutboundResponse(
            status: 200, headers: Self.jsonType, body: TokenForge.jwks(Array(shown)))
    }

    private var shownCount: Int { world.scenario.dropsOldKeys ? 1 : 3 }

    func publishes(_ keyID: ByteString) -> Bool {
        forges.suffix(shownCount).contains { $0.keyID == keyID }
    }

    /// A good access token, signed with any key that is published now.
    func accessToken() -> (token: ByteString, keyID: ByteString)? {
        guard !forges.isEmpty else { return nil }
        let forge = world.dice.pick(Array(forges.suffix(shownCount)))
        let claims: JSONObject = [
            "iss": .string(Settings.issuer), "aud": "api", "sub": "program", "client_id": "program",
            "jti": .string("\(ByteString(world.step))"), "iat": .integer(world.trueWall - 100_000),
            "exp": .integer(world.trueWall + 100_000),
        ]
        return (forge.token(claims), forge.keyID)
    }

    private func redeem(_ code: ByteString, _ exchange: Exchange) -> OutboundResponse {
        let verifier = Parameters(exchange.request.body)["code_verifier"] ?? ""
        guard let known = codes[code], !known.isUsed,
            LoginAttempt.challenge(of: verifier) == known.challenge
        else { return Self.refusal }
        codes[code]?.isUsed = true
        let family = Family(families.count + 1)
        families.append(family)
        return issue(family, exchange, replacing: nil, nonce: known.nonce)
    }

    private func refresh(_ token: ByteString, _ exchange: Exchange) -> OutboundResponse {
        guard let known = refreshTokens[token], !known.family.isEnded else { return Self.refusal }
        let family = known.family
        if world.dice.chance(world.faults.familyEnd) {
            world.note("provider") { "ends family \(family.number) of its own accord" }
            family.isEnded = true
            return Self.refusal
        }
        if let usedAt = known.usedAt, !forgives(usedAt) {
            world.note("provider") { "\(token) is used again: family \(family.number) ends" }
            family.isEnded = true
            return Self.refusal
        }
        refreshTokens[token]?.usedAt = world.time
        world.ledger.rotated(exchange)
        return issue(family, exchange, replacing: token, nonce: nil)
    }

    private func forgives(_ usedAt: Int64) -> Bool {
        switch world.scenario.reuse {
        case .endsFamily: false
        case .forgivesForAWhile: world.time - usedAt < Self.grace
        case .forgives, .neverRotates: true
        }
    }

    private func revoke(_ token: ByteString) -> OutboundResponse {
        refreshTokens[token]?.family.isEnded = true
        return OutboundResponse(status: 200, headers: [], body: [])
    }

    // MARK: Tokens

    private func issue(
        _ family: Family, _ exchange: Exchange, replacing old: ByteString?, nonce: ByteString?
    ) -> OutboundResponse {
        family.serial += 1
        let name = "\(ByteString(family.number)).\(ByteString(family.serial))" as ByteString
        let access = "at-" + name
        var issued = Issued(access: access, refresh: old ?? "", family: family)
        var answer: JSONObject = [
            "token_type": "Bearer", "access_token": .string(access),
            "expires_in": .integer(world.scenario.accessLifetime),
        ]
        if old == nil || world.scenario.reuse != .neverRotates {
            issued.refresh = "rt-" + name
            refreshTokens[issued.refresh] = RefreshToken(family: family)
            answer.append("refresh_token", .string(issued.refresh))
        }
        if nonce != nil || givesIDToken {
            issued.hasIDToken = true
            issued.isStray = nonce == nil && world.dice.chance(world.faults.wrongIdentity)
            if issued.isStray { family.hasStrayed = true }
            answer.append("id_token", .string(idToken(family, nonce, issued.isStray)))
        }
        exchange.issued = issued
        world.note("provider") { "issues \(access) and \(issued.refresh)" }
        return Self.json(200, answer)
    }

    private var givesIDToken: Bool {
        world.scenario.givesIDTokens && !world.dice.chance(world.faults.missingIDToken)
    }

    private func idToken(
        _ family: Family, _ nonce: ByteString?, _ isStray: Bool
    ) -> ByteString {
        var claims: JSONObject = [
            "iss": .string(Settings.issuer), "aud": .string(Settings.clientID),
            "sub": .string(isStray ? "somebody-else" : family.subject),
            "iat": .integer(world.trueWall),
            "exp": .integer(world.trueWall + world.scenario.idLifetime),
        ]
        if let nonce { claims.append("nonce", .string(nonce)) }
        return forges.last?.token(claims, type: nil) ?? ""
    }

    // MARK: Answers

    private static let jsonType = [HeaderField("content-type", "application/json")]

    static let refusal = json(400, ["error": "invalid_grant"])
    static let rejection = json(401, ["error": "invalid_client"])

    private static func json(_ status: Int, _ object: JSONObject) -> OutboundResponse {
        OutboundResponse(status: status, headers: jsonType, body: object.serialized.bytes)
    }
}

/// What a token answer holds.
struct Issued {
    var access: ByteString
    var refresh: ByteString
    var family: IdentityProvider.Family
    var hasIDToken = false
    /// The ID token beside it names someone else.
    var isStray = false
}
