import BothWays
import Encodings
import Foundation
import JOSE
import OAuth
import Testing

/// The walk over plain tokens, against the parser that everything else relies on.
@Suite("The short way and the long way mean the same")
struct BothWaysTests {
    static let header = #"{"alg":"RS256","typ":"at+jwt","kid":"key-1"}"#
    static let claims = """
        {"iss":"https://idp.example","aud":["account","api"],"sub":"u1","client_id":"c1",\
        "jti":"j1","iat":1789999990,"exp":1790000300,"nbf":1789999990,"scope":"openid read",\
        "typ":"Bearer","realm_access":{"roles":["user","admin"],"a":{"b":[1,-2,true,null,{}]}},\
        "name":"J\u{FC}rgen \u{1F600}","email_verified":false}
        """

    private func both(_ header: String = header, _ claims: String = claims) -> BothWays {
        BothWays(header: Array(header.utf8), claims: Array(claims.utf8))
    }

    @Test("A token as providers make it is walked over, with the parser's meaning", arguments: [
        header, #" { "kid" : "key-1" , "alg" : "RS256" } "#, #"{"typ":"JWT","alg":"EdDSA"}"#,
        #"{"typ":"application/at+jwt","alg":"ES256","x5t":"x","jwk":{"kty":"oct"},"cty":"x"}"#,
    ])
    func plain(header: String) throws {
        let both = both(header)
        let walked = try #require(both.walked)
        #expect(try both.parsed.get() == walked)
        #expect(walked.expiry == 1_790_000_300)
        #expect(walked.scopes == ["read"])
    }

    @Test("CLM-02 One audience or a list, with white space or without", arguments: [
        #""api""#, #"["api"]"#, #"[ "x" , "api" ]"#, #"["https://api.example","api"]"#,
    ])
    func audiences(value: String) {
        let claims = Self.claims.replacingOccurrences(of: #"["account","api"]"#, with: value)
        #expect(both(Self.header, claims).walked != nil)
    }

    /// What takes the place of a part of good claims; the parser accepts some of it.
    static let oddClaims: [(String, String)] = [
        (#""api"]"#, #""a\u0070i"]"#), (#""api"]"#, #""API"]"#), (#""api"]"#, #""api",1]"#),
        (#"["account","api"]"#, "[]"), (#"["account","api"]"#, #"[["api"]]"#),
        (#"["account","api"]"#, #"{"api":"api"}"#), (#"["account","api"]"#, "null"),
        (#""sub":"u1""#, #""sub":1"#), (#""sub":"u1""#, #""sub":null"#),
        (#""client_id":"c1""#, #""client_id":[]"#), (#""jti":"j1""#, #""jti":true"#),
        // Alike as far as eight letters go.
        (#""client_id":"c1""#, #""client_ij":"c1""#), (#""client_id":"c1""#, #""client_i":"c1""#),
        (#""scope":"openid read""#, #""scope":["read"]"#),
        ("1790000300", "01790000300"), ("1790000300", "1790000300.5"), ("1790000300", "1.79e9"),
        ("1790000300", "-1790000300"), ("1790000300", "\"1790000300\""), ("1790000300", "0"),
        ("1790000300", "1789999940"), ("1790000300", "1789999939"), ("1790000300", "1e400"),
        ("1790000300", "9007199254740992"), ("1790000300", "99999999999999999999"),
        (#""nbf":1789999990"#, #""nbf":1790000060"#), (#""nbf":1789999990"#, #""nbf":1790000061"#),
        (#""iat":1789999990"#, #""iat":0"#), (#""iat":1789999990"#, #""iat":"x""#),
        (#""typ":"Bearer""#, #""typ":"ID""#), (#""typ":"Bearer""#, #""token_use":"id""#),
        (#""typ":"Bearer""#, #""nonce":"n""#), (#""typ":"Bearer""#, #""at_hash":"n""#),
        (#""typ":"Bearer""#, #""c_hash":1"#), (#""typ":"Bearer""#, #""s_hash":1"#),
        (#""typ":"Bearer""#, #""events":{}"#), (#""typ":"Bearer""#, #""htm":"GET""#),
        (#""typ":"Bearer""#, #""htu":"x""#), (#""typ":"Bearer""#, #""token_introspection":{}"#),
        (#""typ":"Bearer""#, #""cnf":{"jkt":"x"}"#), (#""typ":"Bearer""#, #""cnf":null"#),
        (#""typ":"Bearer""#, #""c\u006ef":{"jkt":"x"}"#), (#""typ":"Bearer""#, #""iss":"x""#),
        (#""typ":"Bearer""#, #""\u0069ss":"x""#), (#""typ":"Bearer""#, #""":1,"":2"#),
        (#""a":{"b""#, #""roles":{"b""#), (#"{}]}"#, #"{"x":1,"x":1}]}"#),
        (#"{}]}"#, #"{"x":1,"\u0078":1}]}"#), (#"{}]}"#, #"{"x":1}],"b":2}"#),
        ("https://idp.example", #"https:\/\/idp.example"#), ("https://idp.example", "https://x"),
        ("false", "falze"), ("false", "fals"), ("false", "falsex"), ("false", "False"),
        ("[1,", "[01,"), ("[1,", "[-,"), ("[1,", "[1,,"), ("[1,", "[,"), ("[1,", "[1.,"),
        ("[1,", "[-0,"), ("[1,", "[1E5,"), ("[1,", "[9223372036854775808,"), ("{}]", "{}]]"),
        ("{}]", "{]"), ("{}]", "{},]"), ("{}]", "{\"a\"}]"), ("{}]", "{\"a\":}]"),
        ("{}]", "{1:2}]"), ("J\u{FC}rgen", "J\u{0}rgen"), ("J\u{FC}rgen", "J\u{1}rgen"),
        ("J\u{FC}rgen", #"J\u0000rgen"#), ("J\u{FC}rgen", #"J\ud800rgen"#),
        ("J\u{FC}rgen", "J\u{7F}\u{FFFF}rgen"),
    ]

    @Test("CLM-03 CLM-05 JSN-02 JSN-03 JSN-07 Where a rule is hurt, both ways agree",
        arguments: oddClaims)
    func odd(part: String, replacement: String) {
        let claims = Self.claims.replacingOccurrences(of: part, with: replacement)
        #expect(claims != Self.claims)
        for header in [Self.header, #"{"alg":"RS256"}"#] {
            #expect(both(header, claims).agree)
            let strict = AccessTokenRules(issuer: "https://idp.example", audiences: ["api"])
            let other = BothWays(
                header: Array(header.utf8), claims: Array(claims.utf8), rules: strict)
            #expect(other.agree)
        }
    }

    @Test("CLM-02 CLM-09 CLM-10 What a profile asks for, both ways agree upon", arguments: [
        #""sub":"u1""#, #""client_id":"c1""#, #""jti":"j1""#, #""iat":1789999990"#,
    ])
    func profiles(claim: String) throws {
        let name = try #require(claim.split(separator: "\"").first).description
        let empty = claim.contains("1789") ? nil : "\"\(name)\":\"\""
        let missing = Self.claims.replacingOccurrences(of: claim, with: "\"x\(name)\":1")
        let said = empty.map { Self.claims.replacingOccurrences(of: claim, with: $0) }
        var walked = 0
        for required: [ByteString] in [
            ["sub", "client_id", "iat", "jti"], ["exp"], [ByteString(name)], ["azp"], ["iss", "aud"],
        ] {
            for (audience, scope) in [("aud", "scope"), ("client_id", "scope"), ("aud", "scp")]
                as [(ByteString, ByteString)]
            {
                for isList in [false, true] {
                    let rules = AccessTokenRules(
                        issuer: "https://idp.example", audiences: ["api", "c1"],
                        profile: AccessTokenProfile(
                            requiresType: false, requiredClaims: required, audienceClaim: audience,
                            scopeClaim: scope, allowsScopeList: isList))
                    for claims in [Self.claims, missing, said].compactMap({ $0 }) {
                        let both = BothWays(
                            header: Array(Self.header.utf8), claims: Array(claims.utf8),
                            rules: rules)
                        #expect(both.agree, "\(required) \(audience) \(scope): \(claims)")
                        walked += both.walked == nil ? 0 : 1
                    }
                }
            }
        }
        #expect(walked > 10)
    }

    @Test("HDR-04 HDR-05 HDR-08 What is unusual in a header, both ways agree upon", arguments: [
        #"{"alg":"RS256","crit":[]}"#, #"{"alg":"RS256","crit":["exp"],"exp":1}"#,
        #"{"alg":"RS256","b64":true}"#, #"{"alg":"RS256","b64":false}"#,
        #"{"alg":"RS256","zip":"DEF"}"#, #"{"alg":"RS256","enc":"A128GCM"}"#,
        #"{"alg":"none"}"#, #"{"alg":"HS256"}"#, #"{"alg":"rs256"}"#, #"{"alg":"RS256 "}"#,
        #"{"alg":null}"#, #"{"alg":["RS256"]}"#, "{}", "[]", "", "{", #"{"alg":"RS256"}x"#,
        #"{"alg":"RS256","alg":"RS256"}"#, #"{"alg":"none","\u0061lg":"RS256"}"#,
        #"{"alg":"RS256","typ":"logout+jwt"}"#, #"{"alg":"RS256","typ":"AT+JWT"}"#,
        #"{"alg":"RS256","typ":"application/jwt"}"#, #"{"alg":"RS256","typ":1}"#,
        #"{"alg":"RS256","typ":"at+jwt "}"#, #"{"alg":"RS256","kid":1}"#,
        #"{"alg":"RS256","kid":"\u006b"}"#, #"{"alg":"RS256","cty":1}"#, #"{"alg":"RS256",}"#,
        "{\"alg\":\"RS256\"}\u{0}", "\u{FEFF}{\"alg\":\"RS256\"}",
    ])
    func oddHeader(header: String) { #expect(both(header).agree) }

    @Test("JWE-12 Where tokens must be encrypted, none that is signed only is admitted the short way")
    func signedOnly() {
        for isRequired in [false, true] {
            let rules = AccessTokenRules(
                issuer: "https://idp.example", audiences: ["api"], requiresEncryption: isRequired)
            let both = BothWays(
                header: Array(Self.header.utf8), claims: Array(Self.claims.utf8), rules: rules)
            #expect((both.walked == nil) == isRequired)
        }
    }

    @Test("JSN-01 Bytes that are no UTF-8 are no text on either way", arguments: [
        [0xFF], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
        [0xED, 0xA0, 0x80], [0xED, 0x9F, 0xBF], [0xEF, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
        [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
        [0xF5, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC2, 0x22],
    ] as [[UInt8]])
    func utf8(bytes: [UInt8]) {
        for name in [false, true] {
            let text = Array(Self.claims.dropLast().utf8) + Array(#",""#.utf8)
            let tail: [UInt8] =
                name ? bytes + Array(#"":1}"#.utf8) : Array(#"x":""#.utf8) + bytes + Array("\"}".utf8)
            #expect(BothWays(header: Array(Self.header.utf8), claims: text + tail).agree)
        }
    }

    @Test("JSN-06 Deep, wide and large claims are left to the parser and its limits")
    func limits() {
        for (count, isWalked) in [(1, true), (10, true), (40, false), (5_000, false)] {
            let deep = String(repeating: "[", count: count) + String(repeating: "]", count: count)
            let wide = "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
            let names = (0..<count).map { "\"n\($0)\":1" }.joined(separator: ",")
            for (value, fits) in [
                (#""x":"# + deep, isWalked), (#""x":"# + wide, count < 900),
                (names, count <= 40),
            ] {
                let claims = Self.claims.dropLast() + "," + value + "}"
                let both = both(Self.header, String(claims))
                #expect(both.agree)
                #expect((both.walked != nil) == fits, "\(count): \(value.prefix(30))")
            }
        }
    }

    /// `CLOAKROOM_MUTATIONS=3000000 swift test --filter BothWaysTests` tries more.
    @Test("HYG-11 60,000 bent headers and claims: what the walk accepts, the parser accepts so")
    func mutations() {
        let wish = ProcessInfo.processInfo.environment["CLOAKROOM_MUTATIONS"]
        let count = wish.flatMap { Int($0) } ?? 60_000
        var mutator = Mutator(seed: 20_261_125)
        let (header, claims) = (Array(Self.header.utf8), Array(Self.claims.utf8))
        var walked = 0
        for number in 0..<count {
            let bendsHeader = number % 4 == 0
            let bent = mutator.bend(bendsHeader ? header : claims)
            let both =
                bendsHeader
                ? BothWays(header: bent, claims: claims) : BothWays(header: header, claims: bent)
            if both.walked != nil { walked += 1 }
            guard both.agree else {
                Issue.record("\(ByteString(bent)): \(both)")
                return
            }
        }
        // Or nothing would have been compared.
        #expect(walked > count / 20)
    }
}

/// Bends JSON where it hurts: the same seed bends the same way.
private struct Mutator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func number(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % max(1, limit)
    }

    private static let pieces: [[UInt8]] = [
        "\"", "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\t", "\u{0}", "0", "-", ".", "e",
        "E1", "1", "true", "null", "\\u0061", "\\u0000", "\\/", "\\\"", "\u{E9}", "\"iss\":\"x\",",
        "\"exp\":1790000300,", "\"cnf\":{},", "\"nonce\":1,", "\"crit\":[],", "{}", "[]", "\"\"",
        "\"a\":1,", ",\"a\":1", "99999999999999999", "\"api\"", "id", "\u{FEFF}",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0x1F], [0x7F]]

    mutating func bend(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0...number(below: 3) {
            let place = number(below: bytes.count)
            let end = min(bytes.count, place + 1 + number(below: 12))
            switch number(below: 6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: number(below: 256))
            case 1: bytes[place] ^= 1 << UInt8(number(below: 8))
            case 2: bytes.removeSubrange(place..<end)
            case 3:
                let piece = Self.pieces[number(below: Self.pieces.count)]
                bytes.insert(contentsOf: piece, at: place)
            case 4:
                let piece = Self.pieces[number(below: Self.pieces.count)]
                bytes.replaceSubrange(place..<end, with: piece)
            default:
                // A part twice, somewhere.
                bytes.insert(contentsOf: Array(bytes[place..<end]), at: number(below: bytes.count))
            }
            if bytes.isEmpty { bytes = seed }
        }
        return bytes
    }
}
