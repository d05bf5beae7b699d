import Configuration
import Encodings
import Engine
import HTTPMessages
import JOSE
import Testing

/// Claims are text that a stranger chose; in a header they must stay one header.
@Suite struct ClaimHeaderTests {
    static func decision(_ claim: JSONValue?) throws -> Decision {
        let bench = Bench(World()) {
            $0.policies["api"]?.claimHeaders = [ClaimHeader(name: "X-Claim", claim: "c")]
        }
        return try BearerTests.ask(bench.world.provider.apiToken { $0["c"] = claim }, bench)
    }
    static func header(_ claim: JSONValue?) throws -> ByteString? {
        try decision(claim).upstreamEdits.first { $0.name == "X-Claim" }?.value
    }

    static let forms: [(JSONValue, ByteString)] = [
        ("alice", "alice"), ("Alice B. <a@b>", "Alice B. <a@b>"), ("", ""), ("a,b", "a,b"),
        ("Älice", "UTF-8''%C3%84lice"), ("u\r\nX-Admin: 1", "UTF-8''u%0D%0AX-Admin%3A%201"),
        ("\u{7F}", "UTF-8''%7F"), (" a", "UTF-8''%20a"), ("a ", "UTF-8''a%20"),
        ("[\"a\"]", "UTF-8''%5B%22a%22%5D"), ("{}", "UTF-8''%7B%7D"), ("\"a\"", "UTF-8''%22a%22"),
        ("UTF-8''a", "UTF-8''UTF-8%27%27a"), ("a\tb", "UTF-8''a%09b"),
        (["a", "b"], "[\"a\",\"b\"]"), (.object(["a": 1]), "{\"a\":1}"), (5, "5"), (true, "true"),
        (["Ä"], "UTF-8''%5B%22%C3%84%22%5D"), ([], "[]"),
    ]

    @Test(
        "UPS-04 UPS-05 Printable text stands as it is, everything else in one stated form",
        arguments: forms)
    func form(claim: JSONValue, text: ByteString) throws {
        let value = try #require(try Self.header(claim))
        #expect(value == text)
        #expect(value.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
    }

    @Test("UPS-05 Texts and structures never give the same value")
    func distinct() throws {
        let values: [JSONValue] = [
            "a,b", ["a", "b"], ["a,b"], "[\"a\",\"b\"]", "[\"a,b\"]", "\"a,b\"", ["a", ["b"]],
            .object(["a": "b"]), "{\"a\":\"b\"}", "UTF-8''a%2Cb", "UTF-8''%61%2Cb", "a,b ",
        ]
        var seen: Set<ByteString> = []
        for value in values {
            let text = try #require(try Self.header(value))
            seen.insert(text)
        }
        #expect(seen.count == values.count)
    }

    @Test("UPS-04 LIM-14 A value of 4,096 bytes passes, a longer one refuses the request")
    func length() throws {
        let longest = ByteString([UInt8](repeating: 0x61, count: 4_096))
        #expect(try Self.header(.string(longest)) == longest)
        let decision = try Self.decision(.string(longest + "a"))
        #expect(decision.status == 403)
        #expect(decision.reason == .claimUnfit)
        #expect(decision.upstreamEdits.contains(HeaderEdit("X-Claim", nil)))
        // Two bytes that become six.
        let encoded = ByteString(String(repeating: "ü", count: 682))
        #expect(try Self.decision(.string(encoded)).reason == .claimUnfit)
    }

    @Test("UPS-01 A missing claim removes the header")
    func missing() throws {
        #expect(try Self.decision(nil).upstreamEdits.contains(HeaderEdit("X-Claim", nil)))
    }

    @Test("UPS-04 A claim of a session that does not fit refuses its request and ends nothing")
    func session() throws {
        let world = World()
        world.provider.adjustIDToken = {
            $0["name"] = .string(ByteString([UInt8](repeating: 0x61, count: 4_097)))
        }
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        let decision = try #require(bench.ask(browser.request(.script("GET", "/"))))
        #expect(decision.reason == .claimUnfit)
        #expect(decision.setCookies.isEmpty)
    }
}
