import Configuration
import Encodings
import Foundation
import JOSE
import OAuth
import Testing
import TokenForge

/// The page of providers: its tokens are admitted by its settings, and by nothing less.
@Suite("What the page of providers shows is enough, and no more than is needed")
struct ProvidersTests {
    /// A token as a provider writes it, and the settings that stand below it.
    struct Sample: CustomTestStringConvertible {
        var token: JSONObject
        var provider: ByteString
        var settings: [(name: ByteString, value: ByteString)]
        var policy: [(name: ByteString, value: ByteString)]

        var testDescription: String {
            "\(provider): \(settings.map { "\($0.name) \($0.value)" }.joined(separator: ", "))"
        }

        /// Those that take back what RFC 9068 asks for.
        var relaxations: [ByteString] { settings.map(\.name).filter { $0 != "issuer" } }

        /// - Returns: nil where the token is admitted, with the scopes that the policy wants.
        func refusal(without left: ByteString? = nil) throws -> String? {
            var draft = ConfigurationDraft()
            for (name, value) in settings where name != left {
                try draft.set(section: "provider/" + provider, name: name, value: value)
            }
            for (name, value) in policy {
                try draft.set(section: "policy/api", name: name, value: value)
            }
            let guarded = try #require(try draft.build().guarded["api"])
            let issuer = try #require(guarded.issuers.first)
            let forge = TokenForge()
            var header = try #require(token["header"]?.object)
            header["alg"] = "Ed25519"
            header["kid"] = .string(forge.keyID)
            let claims = try #require(token["claims"]?.object)
            let text = forge.token(header: header, payload: claims.serialized)
            let keys = try KeySet.parse(forge.jwks)
            do throws(TokenRefusal) {
                let good = try issuer.rules.check(text, keys: keys, now: 1_800_000_060)
                let lacks = guarded.policy.requiredScopes.filter { !good.scopes.contains($0) }
                return lacks.isEmpty ? nil : "scope"
            } catch {
                return error.word.string
            }
        }
    }

    static func samples() throws -> [Sample] {
        let page = try Documents.read("\(Documents.catalog)/Providers.md")
        let tokens = try page.matches(of: /```json\n(.*?)```/.dotMatchesNewlines()).map { match in
            try JSONObject.parse(Array(match.output.1.utf8))
        }
        let blocks = page.matches(of: /```nginx\n(.*?)```/.dotMatchesNewlines()).map(\.output.1)
        try #require(tokens.count == blocks.count)
        return try zip(tokens, blocks).map { token, block in
            let provider = try #require(
                block.firstMatch(of: /cloakroom_provider (\w+) \{([^}]*)\}/)?.output)
            let settings = provider.2.matches(of: /(\w+) +([^;]+);/).map {
                (ByteString(String($0.output.1)), ByteString(String($0.output.2)))
            }
            let location = try #require(
                block.firstMatch(of: /cloakroom +(\w+) (\w+) ([^;]*);/)?.output)
            let words = location.3.matches(of: /(\w+)=(\S+)/).map {
                (ByteString(String($0.output.1)), ByteString(String($0.output.2)))
            }
            return Sample(
                token: token, provider: ByteString(String(provider.1)), settings: settings,
                policy: [
                    ("mode", ByteString(String(location.1))),
                    ("provider", ByteString(String(location.2))),
                ] + words)
        }
    }

    @Test("CLM-08 CLM-09 CLM-10 CLM-02 Each token is admitted by its settings, by none less")
    func admitted() throws {
        let samples = try Self.samples()
        #expect(samples.count == 9)
        for sample in samples {
            #expect(try sample.refusal() == nil, "\(sample)")
            for name in sample.relaxations {
                #expect(try sample.refusal(without: name) != nil, "\(sample) without \(name)")
            }
        }
    }

    @Test("The table names what the blocks relax, line for line")
    func table() throws {
        let page = try Documents.read("\(Documents.catalog)/Providers.md")
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }.dropFirst().dropLast()
        }
        let names = try #require(rows.first).dropFirst().map { name in
            String(name.filter { $0 != "`" }.split(separator: " ")[0])
        }
        let samples = try Self.samples()
        #expect(rows.count == samples.count + 1)
        for (row, sample) in zip(rows.dropFirst(), samples) {
            let values = Dictionary(
                sample.settings.map { ($0.name.string, $0.value.string) }) { first, _ in first }
            for (name, cell) in zip(names, row.dropFirst()) {
                let expected: String =
                    switch values[name] {
                    case nil: ""
                    case "on", "off": "needed"
                    case let value?: "`\(value)`"
                    }
                #expect(cell == expected, "\(row): \(name)")
            }
        }
    }
}
