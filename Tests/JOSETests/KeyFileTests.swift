import Encodings
import JOSE
import Testing
import TokenForge

/// Public keys in PEM, written by OpenSSL.
private enum PEM {
    /// Of `TokenForge()` and of `TokenForge(seed: 2)`.
    static let first = block("MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=")
    static let second = block("MCowBQYDK2VwAyEAgTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=")
    static let rsa = block(
        """
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtrZ26rGympTgq958pa6m
        6VhYLbF30foZyD/YUfNBgSRdeb2IInKi7dcWAYsDxbZiNmObkQq0dEka3tDj/59O
        jRw7yXnxVLpFNdxdKnetRe1TxooGonmQrttFI3izlaACG3bJU927nDC3IaD+uM5Q
        9OQx8KfFpJFYZbra9nspp7s5nuciGGAIeh4vQvHZIgTip2E7RUzzoFKaOeOiu6yl
        KDpuoyCQgEtF0Ka2St0C7s2X0Y6J/c6oTmRGAWJqE8Jn2YbMbvKqk91whjSURx7w
        AOjdkuwlEE0loRbHE+Hj9Bh2ZUkUr5lZvaxnmWyFAXKBwJb5fbEXuFgOoKHyWkLU
        YwIDAQAB
        """)
    static let p384 = block(
        """
        MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAESjDK4xgLqrioxYEGIOS1GIx4SEFnUuEM
        Y4VJuNUxVr78ZnvivNKOOKcrOyHoKXQdq+HnIy+HvIG0PpmkA6dopXHUfdvCInKT
        Nu4La8cUgGNAK78zoG5rpusqaO7itYlS
        """)
    static let rsa1024 = block(
        """
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDBfitHiSGyuFVRNz+yTGVGAAp/
        XJXrrpTdN6E8a2afd1tM0k//bpcojJJBdFEi7UZr1gh0rFfUPHoqxZiWOPXGawHU
        kFUU1mIJMlz4/8zOJJdSnl/O8nATsmL1IXMwQ0zVO6nzH0SHvF8NB8uX3U3grZfK
        m1U2Du34h7glX0WD2wIDAQAB
        """)
    static let x25519 = block("MCowBQYDK2VuAyEAG11qs41rNpC/KFr3PPl8LhnYXU7Tac+y4j978XXLr00=")
    static let secp256k1 = block(
        """
        MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAE47o9pdlllRsvCnn5z7TaaZufC5y5R3ma
        TOZe/U0k4gIvolkbxW2kMebRIbVEvxlnEvIQ9CvsY6U51f5l34Eotg==
        """)

    static func block(_ body: String, _ label: String = "PUBLIC KEY") -> String {
        "-----BEGIN \(label)-----\n\(body)\n-----END \(label)-----\n"
    }
}

@Suite("Key files of the operator")
struct KeyFileTests {
    private func parse(_ file: String) throws(JOSEError) -> KeySet {
        try KeySet.parse(file: Array(file.utf8))
    }

    private func verify(_ forge: TokenForge, kid: ByteString?, _ set: KeySet) throws {
        var header = JSONObject(["alg": "Ed25519"])
        if let kid { header.append("kid", .string(kid)) }
        let token = try UnverifiedJWS(forge.token(header: header, payload: "{}"))
        _ = try token.verify(with: set, allowing: SignatureAlgorithm.supported)
    }

    @Test("KEY-12 One key in PEM checks tokens of any kid, and of none")
    func alone() throws {
        for file in [PEM.first, "# ours\r\n" + PEM.first.replacing("\n", with: "\r\n") + "\n\n"] {
            let set = try parse(file)
            try verify(TokenForge(), kid: "any", set)
            try verify(TokenForge(), kid: nil, set)
            #expect(throws: JOSEError.badSignature) {
                try verify(TokenForge(seed: 2), kid: "any", set)
            }
        }
    }

    @Test("KEY-11 KEY-20 Several keys in PEM are told apart by their thumbprints")
    func several() throws {
        let set = try parse(PEM.first + PEM.second)
        let ids = set.keys.map(\.keyID)
        #expect(ids == set.keys.map { $0.thumbprint })
        try verify(TokenForge(), kid: ids[0], set)
        try verify(TokenForge(seed: 2), kid: ids[1], set)
        #expect(throws: JOSEError.badSignature) { try verify(TokenForge(), kid: ids[1], set) }
        #expect(throws: JOSEError.unknownKey) { try verify(TokenForge(), kid: "any", set) }
        #expect(throws: JOSEError.ambiguousKey) { try verify(TokenForge(), kid: nil, set) }
    }

    @Test("KEY-20 A key has the thumbprint that it has in a key set, of each kind")
    func kinds() throws {
        let set = try parse(PEM.rsa + PEM.p384 + PEM.first)
        #expect(set.keys.map(\.kind) == [.rsa, .elliptic(.p384), .ed25519])
        let jwks: [UInt8] = Array(
            #"""
            {"keys":[
            {"kty":"RSA","e":"AQAB","n":"trZ26rGympTgq958pa6m6VhYLbF30foZyD_YUfNBgSRdeb2IInKi7dcWAYsDxbZiNmObkQq0dEka3tDj_59OjRw7yXnxVLpFNdxdKnetRe1TxooGonmQrttFI3izlaACG3bJU927nDC3IaD-uM5Q9OQx8KfFpJFYZbra9nspp7s5nuciGGAIeh4vQvHZIgTip2E7RUzzoFKaOeOiu6ylKDpuoyCQgEtF0Ka2St0C7s2X0Y6J_c6oTmRGAWJqE8Jn2YbMbvKqk91whjSURx7wAOjdkuwlEE0loRbHE-Hj9Bh2ZUkUr5lZvaxnmWyFAXKBwJb5fbEXuFgOoKHyWkLUYw"},
            {"kty":"EC","crv":"P-384","x":"SjDK4xgLqrioxYEGIOS1GIx4SEFnUuEMY4VJuNUxVr78ZnvivNKOOKcrOyHoKXQd","y":"q-HnIy-HvIG0PpmkA6dopXHUfdvCInKTNu4La8cUgGNAK78zoG5rpusqaO7itYlS"}
            ]}
            """#.utf8)
        #expect(
            try KeySet.parse(file: jwks).keys.map(\.thumbprint)
                == set.keys.prefix(2).map(\.thumbprint))
    }

    @Test("KEY-01 KEY-03 KEY-04 Keys that are no good are skipped, the good one beside them works")
    func skipped() throws {
        for bad in [PEM.rsa1024, PEM.x25519, PEM.secp256k1, PEM.block("AAAA")] {
            let set = try parse(bad + PEM.first)
            #expect(set.keys.count == 1 && set.remarks.count == 1)
            #expect(throws: JOSEError.noUsableKey) { try parse(bad) }
        }
    }

    @Test("KEY-09 KEY-17 KEY-23 What is neither a key set nor public keys in PEM is no key file", arguments: [
        "", " \n", "x", "{}", "[]", #"{"keys":{}}"#, PEM.block("AAAA", "PRIVATE KEY") + PEM.first,
        PEM.block("AAAA").replacing("BEGIN PUBLIC", with: "BEGIN PRIVATE") + PEM.first,
        PEM.block("AAAA").replacing("END PUBLIC", with: "END PRIVATE") + PEM.first,
        PEM.block("AAAA", "CERTIFICATE"), PEM.first + "-----BEGIN PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + PEM.first, PEM.block("not base64!"), PEM.block("AAA"),
        "-----END PUBLIC KEY-----\n", String(repeating: PEM.first, count: 101),
    ])
    func malformed(file: String) throws {
        #expect(throws: JOSEError.malformedKeySet) { try parse(file) }
    }

    @Test("KEY-09 What is kept of a key set has no private part and no secret")
    func publicDocument() throws {
        var leaked = TokenForge().jwk
        for name: ByteString in ["d", "p", "q", "dp", "dq", "qi", "oth"] { leaked[name] = "canary" }
        let secret = JSONObject(["kty": "oct", "k": "canary", "kid": "s"])
        let document = try #require(KeySet.publicDocument(TokenForge.jwks([leaked, secret])))
        #expect(!ByteString(document).string.contains("canary"))
        let set = try KeySet.parse(document)
        try verify(TokenForge(), kid: "k1", set)
        #expect(set.remarks.map(\.isAlarming) == [true], "the oct key is still told of")
        #expect(KeySet.publicDocument(Array("[]".utf8)) == nil)
    }
}
