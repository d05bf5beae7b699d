import Cryptography
import Encodings
import Engine
import Testing
import TokenForge

/// Attacks on bearer tokens by name.  None gets in, and none makes the engine ask anybody anything.
@Suite("Attacks")
struct AttackTests {
    private let bench = Bench(World())
    private let forge = TokenForge()
    private var provider: FakeProvider { bench.world.provider }

    private func claims(_ adjust: (inout JSONObject) -> Void = { _ in }) -> JSONObject {
        var claims: JSONObject = [
            "iss": .string(FakeProvider.issuer), "aud": "api", "sub": "alice", "client_id": "app",
            "jti": "1", "scope": "read write", "iat": .integer(bench.world.wall),
            "exp": .integer(bench.world.wall + 300),
        ]
        adjust(&claims)
        return claims
    }

    private func expect(
        _ token: ByteString, _ reason: String, _ bench: Bench? = nil,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let bench = bench ?? self.bench
        let sent = bench.sent.count
        let decision = try BearerTests.ask(token, bench)
        #expect(decision.status == 401, sourceLocation: location)
        #expect(decision.reason.word.string == reason, sourceLocation: location)
        #expect(decision.claims == nil, sourceLocation: location)
        #expect(bench.sent.count == sent, "somebody was asked", sourceLocation: location)
        #expect(
            bench.log.allSatisfy { $0.text.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } },
            sourceLocation: location)
    }

    @Test("The token that these attacks bend is a good one")
    func good() throws {
        #expect(try BearerTests.ask(forge.token(claims()), bench).outcome == .forward)
    }

    // MARK: Algorithms

    @Test("ALG-02 ALG-03 No signature: none in every spelling, with and without kid", arguments: [
        "none", "None", "NONE", "nOnE", "none ", "n\u{43E}ne",
    ] as [ByteString])
    func none(name: ByteString) throws {
        let copied = forge.token(claims()).words(separatedBy: 0x2E)[2]
        for keyID: ByteString? in ["k1", nil] {
            var header: JSONObject = ["alg": .string(name), "typ": "at+jwt"]
            if let keyID { header["kid"] = .string(keyID) }
            let text = header.serialized
            let signed = forge.token(headerText: text, payload: claims().serialized)
            let unsigned = Base64URL.encode(text.bytes) + "."
                + Base64URL.encode(claims().serialized.bytes) + "."
            try expect(unsigned, "token_malformed")
            try expect(unsigned + copied, "algorithm_not_allowed")
            try expect(signed, "algorithm_not_allowed")
        }
    }

    @Test("ALG-04 KEY-08 Algorithm confusion: HMAC with the public key in every form", arguments: [
        "HS256", "HS384", "HS512",
    ] as [ByteString])
    func confusion(name: ByteString) throws {
        let x = try #require(Base64URL.decode(forge.jwk["x"]?.string ?? ""))
        let der: [UInt8] = [
            0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
        ] + x
        // Base64 differs from base64url in two characters and its padding.
        let lines = Base64URL.encode(der).string.replacing("-", with: "+").replacing("_", with: "/")
        let pem = "-----BEGIN PUBLIC KEY-----\n\(lines)\n-----END PUBLIC KEY-----"
        let secrets: [[UInt8]] = [
            Array(pem.utf8), Array((pem + "\n").utf8),
            Array((pem.replacing("\n", with: "\r\n") + "\r\n").utf8), der, x,
            Base64URL.encode(x).bytes, forge.jwk.serialized.bytes, forge.jwks, [], [0],
        ]
        for secret in secrets {
            for keyID: ByteString? in ["k1", nil] {
                var header: JSONObject = ["alg": .string(name), "typ": "at+jwt"]
                if let keyID { header["kid"] = .string(keyID) }
                let signed = Base64URL.encode(header.serialized.bytes) + "."
                    + Base64URL.encode(claims().serialized.bytes)
                let mac = Self.mac(signed.bytes, secret, name)
                try expect(signed + "." + Base64URL.encode(mac), "algorithm_not_allowed")
            }
        }
    }

    @Test("ALG-04 KEY-08 A symmetric key that the provider publishes checks nothing")
    func publishedSecret() throws {
        let world = World()
        let secret: [UInt8] = Array("a secret that everyone may read!".utf8)
        let keys: JSONObject = [
            "keys": [
                .object(forge.jwk),
                .object([
                    "kty": "oct", "kid": "s", "alg": "HS256",
                    "k": .string(Base64URL.encode(secret)),
                ]),
            ]
        ]
        world.provider.script = { $0.url.hasSuffix("/jwks") ? .json(keys) : nil }
        let header: JSONObject = ["alg": "HS256", "typ": "at+jwt", "kid": "s"]
        let signed = Base64URL.encode(header.serialized.bytes) + "."
            + Base64URL.encode(claims().serialized.bytes)
        let mac = Base64URL.encode(Self.mac(signed.bytes, secret, "HS256"))
        try expect(signed + "." + mac, "algorithm_not_allowed", Bench(world))
    }

    // MARK: Keys that a token brings along

    @Test("HDR-06 MET-07 Embedded keys: what a header brings or points to is neither used nor fetched",
        arguments: ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"] as [ByteString])
    func embedded(name: ByteString) throws {
        for keyID: ByteString in ["k1", "evil"] {
            let attacker = TokenForge(keyID: keyID, seed: 66)
            let value: JSONValue =
                switch name {
                case "jwk": .object(attacker.jwk)
                case "x5c": ["MIIB"]
                case "jku", "x5u": "https://169.254.169.254/latest/meta-data"
                default: "AAAA"
                }
            let header: JSONObject = [
                "alg": "Ed25519", "typ": "at+jwt", "kid": "k1", name: value,
            ]
            try expect(
                attacker.token(header: header, payload: claims().serialized), "bad_signature")
        }
        // Beside a good signature it does no harm.
        let header: JSONObject = ["alg": "Ed25519", "typ": "at+jwt", "kid": "k1", name: "x"]
        let good = forge.token(header: header, payload: claims().serialized)
        #expect(try BearerTests.ask(good, bench).outcome == .forward)
    }

    @Test("HDR-07 HDR-13 Injection by kid: it finds no key, is no path, no query, no line of its own",
        arguments: [
            "../../../../dev/null", "/etc/passwd", "' OR '1'='1", "k1' --", "$(id)", "`id`",
            "k1\r\nX-User: admin", "k1\n[error] all is well", "%00", "http://evil.example/k1",
            "K1", "k1 ", " k1", "", "k", "k11",
        ] as [ByteString])
    func keyID(keyID: ByteString) throws {
        // One fetch of newer keys is what any unknown name may cause.
        _ = try BearerTests.ask(TokenForge(keyID: "x").token(claims()), bench)
        try expect(TokenForge(keyID: keyID).token(claims()), "unknown_key")
        #expect(bench.sent.allSatisfy { $0.url.hasPrefix(FakeProvider.issuer) })
        #expect(Set(bench.sent.map(\.url)).count == 2)
    }

    @Test("HDR-07 A kid that is no text, or a NUL in it, is no kid", arguments: [
        "null", "1", "[\"k1\"]", "{}", "true", "\"k1\\u0000\"",
    ] as [ByteString])
    func noKeyID(json: ByteString) throws {
        let header = #"{"alg":"Ed25519","typ":"at+jwt","kid":"# + json + "}"
        try expect(
            forge.token(headerText: header, payload: claims().serialized), "token_malformed")
    }

    // MARK: Two readings of one token

    @Test("HDR-02 Duplicate members in a header: neither the first nor the last wins", arguments: [
        #"{"alg":"none","alg":"Ed25519","typ":"at+jwt","kid":"k1"}"#,
        #"{"alg":"Ed25519","alg":"none","typ":"at+jwt","kid":"k1"}"#,
        #"{"alg":"none","\u0061lg":"Ed25519","typ":"at+jwt","kid":"k1"}"#,
        #"{"\u0061lg":"Ed25519","alg":"none","typ":"at+jwt","kid":"k1"}"#,
        #"{"alg":"Ed25519","typ":"JWT","typ":"at+jwt","kid":"k1"}"#,
        #"{"alg":"Ed25519","typ":"at+jwt","kid":"k2","kid":"k1"}"#,
    ] as [ByteString])
    func duplicatesInHeader(header: ByteString) throws {
        try expect(
            forge.token(headerText: header, payload: claims().serialized), "token_malformed")
    }

    @Test("JSN-03 Duplicate members in claims: neither the first nor the last wins", arguments: [
        #""aud":"other""#, #""iss":"https://evil.example""#, #""exp":1"#, #""sub":"admin""#,
        #""s\u0075b":"admin""#, #""x":{"y":1,"y":2}"#,
    ] as [ByteString])
    func duplicatesInClaims(member: ByteString) throws {
        let header: JSONObject = ["alg": "Ed25519", "typ": "at+jwt", "kid": "k1"]
        let rest = ByteString(claims().serialized.bytes.dropFirst())
        try expect(
            forge.token(header: header, payload: "{" + member + "," + rest), "token_malformed")
        let open = ByteString(claims().serialized.bytes.dropLast())
        try expect(
            forge.token(header: header, payload: open + "," + member + "}"), "token_malformed")
    }

    // MARK: Tokens that are something else

    @Test("CLM-13 HDR-09 An ID token as access token, also made out for the API")
    func idToken() throws {
        let lenient = Bench(World()) { $0.providers["idp"]?.tokens.profile.requiresType = false }
        for (bench, reason) in [
            (bench, "token_type_missing"), (lenient, "not_an_access_token"),
        ] {
            for audience: JSONValue in ["app", "api", ["app", "api"]] {
                bench.world.provider.adjustIDToken = { $0["aud"] = audience }
                try expect(bench.world.provider.idToken(nonce: "n"), reason, bench)
            }
        }
    }

    @Test("FMT-08 Detached content: a payload that travels elsewhere is none")
    func detached() throws {
        let parts = forge.token(claims()).words(separatedBy: 0x2E)
        try expect(parts[0] + ".." + parts[2], "token_malformed")
    }

    @Test("FMT-07 The JSON serialization is no token")
    func jsonSerialization() throws {
        let parts = forge.token(claims()).words(separatedBy: 0x2E)
        let object: JSONObject = [
            "protected": .string(parts[0]), "payload": .string(parts[1]),
            "signature": .string(parts[2]),
        ]
        let decision = try BearerTests.ask(object.serialized, bench)
        #expect(decision.status == 400)
        #expect(decision.reason.word == "credentials_malformed")
        try expect(Base64URL.encode(object.serialized.bytes), "token_malformed")
    }

    @Test("KEY-13 CLM-01 The issuer's name, almost: what only looks like it is somebody else",
        arguments: [
            "https://idp.example/", "https://IDP.example", "HTTPS://idp.example",
            "http://idp.example", "https://idp.example:443", "https://idp.example.evil.example",
            "https://idp.example@evil.example", "https://evil.example#https://idp.example",
            "https://idp.example?", "https://idp.example#", "https://idp.example%2F",
            "https://\u{456}dp.example", " https://idp.example", "https://idp.example ",
            "https://idp.example\n", "idp.example", "//idp.example", "",
        ] as [ByteString])
    func issuer(name: ByteString) throws {
        try expect(forge.token(claims { $0["iss"] = .string(name) }), "wrong_issuer")
    }

    @Test("KEY-13 CLM-01 An issuer that is no text is none", arguments: [
        nil, .null, 1, true, ["https://idp.example"], .object(["https://idp.example": 1]),
    ] as [JSONValue?])
    func noIssuer(value: JSONValue?) throws {
        try expect(forge.token(claims { $0["iss"] = value }), "wrong_issuer")
    }

    // MARK: Tools

    /// - Source: RFC 2104 §2.
    private static func mac(
        _ message: [UInt8], _ key: [UInt8], _ name: ByteString
    ) -> [UInt8] {
        let (hash, block): (([UInt8]) -> [UInt8], Int) =
            switch name {
            case "HS384": ({ Digest.sha384($0) }, 128)
            case "HS512": ({ Digest.sha512($0) }, 128)
            default: ({ Digest.sha256($0) }, 64)
            }
        let short = key.count > block ? hash(key) : key
        let padded = short + [UInt8](repeating: 0, count: block - short.count)
        return hash(padded.map { $0 ^ 0x5C } + hash(padded.map { $0 ^ 0x36 } + message))
    }
}
