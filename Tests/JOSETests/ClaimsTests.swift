import Encodings
import JOSE
import Testing

@Suite("Claims")
struct ClaimsTests {
    @Test("CLM-04 A date is a number that a clock can reach", arguments: [
        .integer(0), .integer(-1), .integer(1 << 53), .integer(.max), .integer(.min), .real(-1e300),
        .real(1e300), .real(0), .real(.infinity), .real(.nan), "1790000000", true, .null, [], [1],
        .object(JSONObject()),
    ] as [JSONValue])
    func noDate(value: JSONValue) { #expect(NumericDate(value) == nil) }

    @Test("CLM-04 Fractions are fine, and are not lost")
    func fractions() throws {
        let date = try #require(NumericDate(.real(100.5)))
        #expect(date.seconds == 100)
        #expect(date.isAfter(100, leeway: 0))
        #expect(!date.isAfter(101, leeway: 0))
        #expect(!date.isReached(100, leeway: 0))
        #expect(date.isReached(101, leeway: 0))
    }

    @Test("CLM-07 HYG-10 The leeway counts once, and never overflows")
    func leeway() throws {
        let date = try #require(NumericDate(.integer(1_000)))
        #expect(date.isAfter(1_059, leeway: 60))
        #expect(!date.isAfter(1_060, leeway: 60))
        #expect(date.isReached(940, leeway: 60))
        #expect(!date.isReached(939, leeway: 60))
        #expect(!date.isAfter(.min, leeway: 60))
        #expect(!date.isReached(.max, leeway: 60))
        let last = try #require(NumericDate(.integer(1 << 53 - 1)))
        #expect(last.isAfter(.max - 1, leeway: .max))
    }

    @Test("CLM-12 Claims are an object", arguments: ["", "[]", "null", "\"x\"", "{", "{}x"])
    func form(text: String) {
        #expect(throws: JOSEError.malformed) { try ClaimsSet.parse(Array(text.utf8)) }
    }

    @Test("CLM-02 Audiences are one text or a list of texts", arguments: [
        (#"{"aud":"a"}"#, ["a"]), (#"{"aud":["a","b"]}"#, ["a", "b"]), (#"{"aud":[]}"#, []),
        ("{}", nil), (#"{"aud":1}"#, nil), (#"{"aud":["a",1]}"#, nil), (#"{"aud":[["a"]]}"#, nil),
        (#"{"aud":{"a":1}}"#, nil), (#"{"aud":null}"#, nil), (#"{"Aud":"a"}"#, nil),
    ] as [(String, [ByteString]?)])
    func audiences(text: String, expected: [ByteString]?) throws {
        #expect(try ClaimsSet.parse(Array(text.utf8)).audiences == expected)
    }
}
