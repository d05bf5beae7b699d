import Encodings
import JOSE
import OAuth
import Testing

@Suite struct ProviderMetadataTests {
    static let issuer: ByteString = "https://idp.example/realms/a"
    static let required = JSONObject([
        "issuer": "https://idp.example/realms/a",
        "authorization_endpoint": "https://idp.example/a",
        "token_endpoint": "https://idp.example/t",
        "jwks_uri": "https://keys.example/k",
    ])

    static func parse(
        _ change: (inout JSONObject) -> Void, plain: Bool = false
    ) -> Result<ProviderMetadata, MetadataError> {
        var document = required
        change(&document)
        let bytes = document.serialized.bytes
        return Result { () throws(MetadataError) in
            try ProviderMetadata.parse(bytes, issuer: issuer, allowsPlainHTTP: plain)
        }
    }

    @Test("A document is read")
    func read() throws {
        let metadata = try Self.parse {
            $0["end_session_endpoint"] = "https://idp.example/e"
            $0["revocation_endpoint"] = "https://idp.example/r"
            $0["authorization_response_iss_parameter_supported"] = true
            $0["code_challenge_methods_supported"] = .array(["plain", "S256"])
            $0["id_token_signing_alg_values_supported"] = .array(["HS256", "ES256", "EdDSA"])
        }.get()
        #expect(metadata.authorizationEndpoint == "https://idp.example/a")
        #expect(metadata.tokenEndpoint == "https://idp.example/t")
        #expect(metadata.keySetURL == "https://keys.example/k")
        #expect(metadata.endSessionEndpoint == "https://idp.example/e")
        #expect(metadata.revocationEndpoint == "https://idp.example/r")
        #expect(metadata.promisesIssuerParameter)
        #expect(metadata.idTokenAlgorithms == [.es256, .edDSA, .ed25519, .ed448])
    }

    @Test("What the document does not say counts as the least")
    func defaults() throws {
        let metadata = try Self.parse { _ in }.get()
        #expect(metadata.endSessionEndpoint == nil)
        #expect(!metadata.promisesIssuerParameter)
        #expect(metadata.idTokenAlgorithms == SignatureAlgorithm.supported)
    }

    @Test("MET-01 Another issuer makes the document useless", arguments: [
        "https://idp.example/realms/a/", "https://IDP.example/realms/a",
        "https://idp.example:443/realms/a", "https://evil.example",
    ])
    func issuer(other: String) {
        let result = Self.parse { $0["issuer"] = .string(ByteString(other)) }
        #expect(result == .failure(.issuerMismatch(named: ByteString(other))))
    }

    @Test("MET-01 HYG-06 What a document calls itself is shown in one printable line")
    func hostileIssuer() {
        let name = ByteString(String(repeating: "a\n", count: 1_000))
        let sentence = MetadataError.issuerMismatch(named: name).sentence
        #expect(sentence.count < 240)
        #expect(!sentence.bytes.contains(0x0A))
    }

    @Test("MET-01 A document without an issuer is useless")
    func noIssuer() {
        #expect(Self.parse { $0["issuer"] = nil } == .failure(.missing("issuer")))
        #expect(Self.parse { $0["issuer"] = .array(["https://idp.example/realms/a"]) }
            == .failure(.missing("issuer")))
    }

    @Test("MET-02 The document lies below the issuer")
    func discoveryURL() {
        let suffix: ByteString = "/.well-known/openid-configuration"
        let realm: ByteString = "https://h/realms/a"
        #expect(ProviderMetadata.discoveryURL(realm) == realm + suffix)
        #expect(ProviderMetadata.discoveryURL("https://h/") == "https://h" + suffix)
        #expect(ProviderMetadata.discoveryURL("https://h") == "https://h" + suffix)
    }

    @Test("MET-05 Endpoints must be https", arguments: [
        "authorization_endpoint", "token_endpoint", "jwks_uri",
    ] as [ByteString], [
        "http://idp.example/x", "http://127.0.0.1/x", "ftp://idp.example/x", "/x", "",
        "https://user:pass@idp.example/x", "https://idp.example/x#f",
    ] as [ByteString])
    func insecure(member: ByteString, url: ByteString) {
        #expect(Self.parse { $0[member] = .string(url) } == .failure(.badURL(member)))
    }

    @Test("MET-05 In development plain http is admitted on loopback and nowhere else")
    func development() {
        let loopback = Self.parse({ $0["jwks_uri"] = "http://localhost:1/k" }, plain: true)
        #expect((try? loopback.get())?.keySetURL == "http://localhost:1/k")
        let other = Self.parse({ $0["jwks_uri"] = "http://10.0.0.1/k" }, plain: true)
        #expect(other == .failure(.badURL("jwks_uri")))
    }

    @Test("MET-10 Required members of a wrong type refuse the document")
    func wrongTypes() {
        #expect(Self.parse { $0["jwks_uri"] = .array(["https://k.example"]) }
            == .failure(.badURL("jwks_uri")))
        #expect(Self.parse { $0["token_endpoint"] = 7 } == .failure(.badURL("token_endpoint")))
        #expect(Self.parse { $0["token_endpoint"] = nil } == .failure(.missing("token_endpoint")))
    }

    @Test("MET-10 Optional members of a wrong type, or on plain http, are left out")
    func optionalMembers() throws {
        let metadata = try Self.parse {
            $0["end_session_endpoint"] = .array(["https://idp.example/e"])
            $0["revocation_endpoint"] = "http://idp.example/r"
            $0["authorization_response_iss_parameter_supported"] = "true"
            $0["code_challenge_methods_supported"] = "plain"
            $0["id_token_signing_alg_values_supported"] = 7
        }.get()
        #expect(metadata.endSessionEndpoint == nil)
        #expect(metadata.revocationEndpoint == nil)
        #expect(!metadata.promisesIssuerParameter)
    }

    @Test("LOG-02 A provider that has PKCE but not S256 is refused")
    func pkce() {
        #expect(Self.parse { $0["code_challenge_methods_supported"] = .array(["plain"]) }
            == .failure(.noPKCE))
        #expect(Self.parse { $0["code_challenge_methods_supported"] = .array([]) }
            == .failure(.noPKCE))
    }

    @Test("MET-11 A provider that signs with nothing of ours is refused, and the reason names it")
    func algorithms() {
        let result = Self.parse {
            $0["id_token_signing_alg_values_supported"] = .array(["HS256", "none", "rs256"])
        }
        #expect(result == .failure(.noCommonAlgorithm))
        #expect(
            MetadataError.noCommonAlgorithm.sentence.string
                .contains("id_token_signing_alg_values_supported"))
    }

    @Test("MET-08 LIM-09 A document of 256 KiB is read, one byte more is not")
    func size() throws {
        func parse(_ count: Int) throws(MetadataError) -> ProviderMetadata {
            let text = Self.required.serialized.bytes
            return try ProviderMetadata.parse(
                text + [UInt8](repeating: 0x20, count: count - text.count),
                issuer: Self.issuer, allowsPlainHTTP: false)
        }
        #expect(try parse(262_144).issuer == Self.issuer)
        #expect(throws: MetadataError.malformed) { try parse(262_145) }
    }

    @Test("MET-08 What is no JSON object or too large is refused", arguments: [
        "", "<html>", "[]", "null", "{", #"{"issuer":1,"issuer":2}"#,
        "{\"a\":\"" + String(repeating: "x", count: 262_144) + "\"}",
    ])
    func malformed(document: String) {
        #expect(throws: MetadataError.malformed) {
            try ProviderMetadata.parse(
                Array(document.utf8), issuer: Self.issuer, allowsPlainHTTP: false)
        }
    }
}
