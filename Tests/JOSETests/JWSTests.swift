import Encodings
import JOSE
import Testing
import TokenForge

private let forge = TokenForge()

private func verify(
    _ token: ByteString, keys: [UInt8] = forge.jwks,
    allowing algorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported
) throws(JOSEError) -> VerifiedJWS {
    try UnverifiedJWS(token).verify(with: try KeySet.parse(keys), allowing: algorithms)
}

@Suite("Signed tokens")
struct JWSTests {
    static let header = JSONObject(["alg": "Ed25519", "kid": "k1"])
    static let good = forge.token(header: header, payload: "{}")

    @Test("A signed token gives its payload")
    func good() throws {
        #expect(try verify(Self.good).payload == Array("{}".utf8))
        #expect(try verify(forge.token(header: Self.header, payload: "")).payload.isEmpty)
    }

    @Test("FMT-01 FMT-07 Anything but three parts is refused", arguments: [
        "", ".", "..", "...", "a", "a.b", "a.b.c.d", "a.b.c.d.e", "a.b.c.d.e.f",
        #"{"payload":"e30"}"#,
    ])
    func parts(text: String) {
        #expect(throws: JOSEError.malformed) { try UnverifiedJWS(ByteString(text)) }
    }

    @Test("FMT-01 A good token with a part too many, or with one too few, is refused")
    func partTooMany() {
        let parts = Self.good.words(separatedBy: 0x2E)
        for text in [Self.good + ".", Self.good + ".AAAA", parts[0] + "." + parts[1]] {
            #expect(throws: JOSEError.malformed) { try UnverifiedJWS(text) }
        }
    }

    @Test("FMT-02 FMT-03 FMT-10 A stray character anywhere is refused", arguments: [
        " ", "\n", "\r", "\t", "\0", "=", "+", "/", "\"", "%2E", "é", "{", "}",
    ])
    func strayCharacter(text: String) {
        let stray = ByteString(text)
        let parts = Self.good.words(separatedBy: 0x2E)
        for index in 0..<3 {
            var before = parts
            before[index] = stray + parts[index]
            var after = parts
            after[index] = parts[index] + stray
            for bent in [before, after] {
                let token = bent[0] + "." + bent[1] + "." + bent[2]
                #expect(throws: JOSEError.malformed) { try UnverifiedJWS(token) }
            }
        }
    }

    @Test("FMT-04 A second spelling of the signature is refused")
    func secondSpelling() throws {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        let last = try #require(Self.good.bytes.last)
        let value = try #require(alphabet.firstIndex(of: last))
        // 64 bytes leave four unused bits in the last character.
        for change in 1..<16 {
            let twin = ByteString(Self.good.bytes.dropLast() + [alphabet[value ^ change]])
            #expect(throws: JOSEError.malformed) { try UnverifiedJWS(twin) }
        }
    }

    @Test("FMT-05 White space in the header is part of what was signed")
    func whiteSpace() throws {
        let token = forge.token(headerText: "{ \"alg\" :\r\n\"EdDSA\" }", payload: "{}")
        _ = try verify(token)
    }

    @Test("FMT-06 FMT-08 HDR-04 HDR-05 HDR-12 Extensions, encryption and compression are refused",
        arguments: [
            (#""crit":["exp"],"exp":1"#, JOSEError.criticalHeader),
            (#""crit":[]"#, .criticalHeader), (#""crit":null"#, .criticalHeader),
            (#""crit":"b64""#, .criticalHeader), (#""b64":false"#, .criticalHeader),
            (#""crit":[1]"#, .criticalHeader), (#""crit":["alg"]"#, .criticalHeader),
            (#""crit":["x"]"#, .criticalHeader),
            (#""crit":["b64"],"b64":false"#, .criticalHeader),
            (#""b64":true"#, .criticalHeader), (#""enc":"A128GCM""#, .malformed),
            (#""zip":"DEF""#, .malformed),
        ])
    func extensions(member: String, expected: JOSEError) {
        let token = forge.token(
            headerText: ByteString(#"{"alg":"Ed25519",\#(member)}"#), payload: "{}")
        #expect(throws: expected) { try verify(token) }
    }

    @Test("FMT-09 A token of 16 KiB is read, one byte more is not")
    func tokenSize() throws {
        var payload = ByteString(String(repeating: "a", count: 12_100))
        while forge.token(header: Self.header, payload: payload).count < 16 << 10 {
            payload += "a"
        }
        let large = forge.token(header: Self.header, payload: payload)
        let limits = TokenLimits(bytes: large.count)
        _ = try UnverifiedJWS(large, limits: limits)
        #expect(throws: JOSEError.tooLarge) {
            try UnverifiedJWS(large, limits: TokenLimits(bytes: large.count - 1))
        }
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(large + large) }
    }

    @Test("FMT-09 A header beyond 4 KiB is refused")
    func headerSize() {
        let padding = ByteString(String(repeating: "x", count: 4_096))
        let header = JSONObject(["alg": "Ed25519", "pad": .string(padding)])
        let token = forge.token(header: header, payload: "{}")
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(token) }
    }

    @Test("ALG-01 alg must be there, and text", arguments: [
        "{}", #"{"alg":null}"#, #"{"alg":1}"#, #"{"alg":["Ed25519"]}"#, #"{"alg":{}}"#,
    ])
    func algMissing(header: String) {
        let token = forge.token(headerText: ByteString(header), payload: "{}")
        #expect(throws: JOSEError.malformed) { try verify(token) }
    }

    @Test("ALG-02 ALG-03 ALG-04 ALG-10 Only the listed names are algorithms", arguments: [
        "none", "None", "nOnE", "none ", "NONE", "", "HS256", "HS384", "HS512", "rs256", "RS256 ",
        "ES256K", "RS1", "dir", "RSA-OAEP", "ed25519", "eddsa", "ed448", "ESP256", "n\u{43E}ne",
    ])
    func unknownAlgorithms(name: String) {
        let header = JSONObject(["alg": .string(ByteString(name))])
        #expect(throws: JOSEError.algorithmNotAllowed) {
            try verify(forge.token(header: header, payload: "{}"))
        }
        let unsigned = Base64URL.encode(header.serialized.bytes) + ".e30."
        #expect(throws: JOSEError.malformed) { try verify(unsigned) }
    }

    @Test("ALG-06 An algorithm that this issuer may not use is refused")
    func algorithmOfIssuer() {
        #expect(throws: JOSEError.algorithmNotAllowed) {
            try verify(Self.good, allowing: [.rs256, .es256])
        }
    }

    @Test("ALG-08 ALG-09 An algorithm is written as it is read, by its curve where the curve is known")
    func names() {
        #expect(SignatureAlgorithm.ed25519.name == "Ed25519")
        #expect(SignatureAlgorithm.ed448.name == "Ed448")
        for algorithm in SignatureAlgorithm.allCases {
            #expect(SignatureAlgorithm(name: algorithm.name) == algorithm)
        }
        #expect(SignatureAlgorithm.edDSA.admitted == [.edDSA, .ed25519, .ed448])
        #expect(SignatureAlgorithm.ed25519.admitted == [.ed25519])
        for name: ByteString in ["ESP256", "ESP384", "ESP512", "ESB256", "X25519", "Ed25519 "] {
            #expect(SignatureAlgorithm(name: name) == nil)
        }
    }

    @Test("ALG-08 KEY-04 Ed448 tokens are checked, by the curve's name and by EdDSA",
        arguments: ["Ed448", "EdDSA"])
    func ed448(name: String) throws {
        let forge = TokenForge(keyID: "k4", seed: 4, curve: .ed448)
        let header = JSONObject(["alg": .string(ByteString(name)), "kid": "k4"])
        let token = forge.token(header: header, payload: "{}")
        #expect(try verify(token, keys: forge.jwks).payload == Array("{}".utf8))
        #expect(throws: JOSEError.badSignature) {
            let other = TokenForge(keyID: "k4", seed: 5, curve: .ed448)
            _ = try verify(other.token(header: header, payload: "{}"), keys: forge.jwks)
        }
        #expect(throws: JOSEError.algorithmNotAllowed) {
            _ = try verify(token, keys: forge.jwks, allowing: [.ed25519])
        }
    }

    @Test("ALG-08 Each curve's name goes with keys of that curve only")
    func foreignCurve() throws {
        let small = TokenForge(keyID: "k", seed: 1)
        let large = TokenForge(keyID: "k", seed: 1, curve: .ed448)
        for (forge, name) in [(small, "Ed448"), (large, "Ed25519")] as [(TokenForge, ByteString)] {
            let header = JSONObject(["alg": .string(name), "kid": "k"])
            let token = forge.token(header: header, payload: "{}")
            #expect(throws: JOSEError.keyMismatch) { _ = try verify(token, keys: forge.jwks) }
        }
        let header = JSONObject(["alg": "EdDSA", "kid": "k"])
        let both = TokenForge.jwks([small.jwk, large.jwk])
        #expect(throws: JOSEError.ambiguousKey) {
            _ = try verify(small.token(header: header, payload: "{}"), keys: both)
        }
    }

    @Test("HDR-01 HDR-02 A header that is no object, or says things twice, is refused", arguments: [
        "[]", "\"x\"", "null", "", "{", #"{"alg":"Ed25519","alg":"Ed25519"}"#,
        #"{"alg":"none","\u0061lg":"Ed25519"}"#, #"{"alg":"Ed25519","x":{"a":1,"a":2}}"#,
        "{\"alg\":\"Ed25519\"}\0", #"{"alg":"Ed25519\u0000"}"#, #"{"alg":"Ed25519"}x"#,
        "\u{FEFF}{\"alg\":\"Ed25519\"}",
    ])
    func headerForm(header: String) {
        let token = forge.token(headerText: ByteString(header), payload: "{}")
        #expect(throws: JOSEError.malformed) { try verify(token) }
    }

    @Test("HDR-03 Unknown members are ignored")
    func unknownMembers() throws {
        _ = try verify(forge.token(headerText: #"{"alg":"Ed25519","foo":{}}"#, payload: "{}"))
    }

    @Test("HDR-06 A key given inside the header is never used", arguments: ["k1", "evil"])
    func injectedKey(keyID: String) {
        let attacker = TokenForge(keyID: ByteString(keyID), seed: 66)
        let header = JSONObject([
            "alg": "Ed25519", "kid": .string(attacker.keyID), "jwk": .object(attacker.jwk),
            "jku": "https://evil.example/jwks", "x5u": "file:///etc/passwd",
        ])
        let token = attacker.token(header: header, payload: "{}")
        #expect(throws: JOSEError.self) { try verify(token) }
    }

    @Test("HDR-07 kid is text, and matches exactly or not at all", arguments: [
        #"null"#, "1", "[]", #"{"k1":1}"#, "true",
    ])
    func keyIDForm(keyID: String) {
        let token = forge.token(
            headerText: ByteString(#"{"alg":"Ed25519","kid":\#(keyID)}"#), payload: "{}")
        #expect(throws: JOSEError.malformed) { try verify(token) }
    }

    @Test("HDR-07 A kid of no key finds none", arguments: [
        "", "K1", "k1 ", "../k1", "' OR '1'='1", "\r\nX-User: admin", "k",
    ])
    func unknownKeyID(keyID: String) {
        let header = JSONObject(["alg": "Ed25519", "kid": .string(ByteString(keyID))])
        #expect(throws: JOSEError.unknownKey) {
            try verify(forge.token(header: header, payload: "{}"))
        }
    }

    @Test("HDR-08 typ is a media type without case", arguments: [
        ("at+jwt", "application/at+jwt"), ("AT+JWT", "application/at+jwt"),
        ("Application/At+Jwt", "application/at+jwt"), ("text/x", "text/x"),
        ("at+jwt;x=1", "application/at+jwt;x=1"), ("at+jwt ", "application/at+jwt "),
    ])
    func type(text: String, expected: String) throws {
        let header = JSONObject(["alg": "Ed25519", "typ": .string(ByteString(text))])
        #expect(try JOSEHeader(header.serialized.bytes).type == ByteString(expected))
    }

    @Test("HDR-08 typ is text, or the token is refused", arguments: ["1", "null", "[]", "{}"])
    func typeForm(json: String) {
        let header = #"{"alg":"Ed25519","typ":\#(json)}"#
        #expect(throws: JOSEError.malformed) { try JOSEHeader(Array(header.utf8)) }
    }

    @Test("SIG-09 A changed bit anywhere in the token is refused")
    func bitFlips() {
        for index in Self.good.bytes.indices {
            for bit in 0..<7 {
                var bent = Self.good
                bent.bytes[index] ^= 1 << bit
                #expect(throws: JOSEError.self) { try verify(bent) }
            }
            #expect(throws: JOSEError.self) { try verify(ByteString(Self.good.bytes[..<index])) }
        }
    }
}
