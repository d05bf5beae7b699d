import Encodings
import Testing

private func parse(
    _ text: String, _ limits: JSONLimits = .standard
) throws(JSONError) -> JSONValue {
    try JSONValue.parse(Array(text.utf8), limits: limits)
}

@Suite("JSON")
struct JSONTests {
    @Test("Every kind of value is read, in order")
    func kinds() throws {
        let value = try parse(#" {"z":[1,-2.5e1,true,false,null,"\u00e9\n"],"a":{"b":{}}} "#)
        #expect(value.object?.members.map(\.name) == ["z", "a"])
        let expected: [JSONValue] = [
            1, .real(-25), true, false, .null, .string(ByteString([0xC3, 0xA9, 0x0A])),
        ]
        #expect(value.object?["z"] == .array(expected))
        #expect(value.object?["a"]?.object?["b"] == .object(JSONObject()))
        #expect(value.object?["b"] == nil)
    }

    @Test("JSN-01 Text that is not plain UTF-8 is refused", arguments: [
        [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        [0x7B, 0x00, 0x7D, 0x00], [0xFF, 0xFE, 0x7B, 0x00], [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22],
        Array(#""\ud800""#.utf8), Array(#""\udc00\ud800""#.utf8),
    ] as [[UInt8]])
    func notUTF8(document: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONValue.parse(document) }
    }

    @Test("JSN-02 A NUL byte is refused wherever it stands", arguments: [
        "{\"exp\":1\0}", "{}\0", "\0{}", "\"a\0b\"", "[true\0]", "{\"a\0\":1}", "1\0",
    ])
    func rawNUL(text: String) {
        #expect(throws: JSONError.forbiddenCharacter) { try parse(text) }
    }

    @Test("JSN-03 A name that occurs twice is refused at every depth", arguments: [
        #"{"a":1,"a":1}"#, #"{"a":{"x":1,"x":2}}"#, #"{"sub":1,"s\u0075b":2}"#,
        #"[[{"":1,"":2}]]"#,
    ])
    func duplicates(text: String) {
        #expect(throws: JSONError.malformed) { try parse(text) }
    }

    @Test("JSN-04 An escaped NUL is refused in values and names", arguments: [
        #"{"sub":"a\u0000b"}"#, #"{"\u0000":1}"#, #"["\\\u0000"]"#,
    ])
    func escapedNUL(text: String) {
        #expect(throws: JSONError.forbiddenCharacter) { try parse(text) }
    }

    @Test("JSN-04 An escaped backslash before u0000 is plain text")
    func notNUL() throws { #expect(try parse(#""\\u0000""#).string == #"\u0000"#) }

    @Test("JSN-05 What is almost JSON is refused", arguments: [
        "", " ", "{}x", #"{"a":1,}"#, "[1,]", "{}//", "/**/{}", "NaN", "Infinity", "{'a':1}",
        "{a:1}", "01", "+1", "1.", ".5", #""\x""#, "[", "\"", "tru", "\u{FEFF}{}", "{}{}", "nul",
        "\"\n\"", "-",
    ])
    func almostJSON(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test("JSN-06 Depth 32 is read, depth 33 is not")
    func depth() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try parse(nested(32))
        #expect(throws: JSONError.limitExceeded) { try parse(nested(33)) }
        #expect(throws: JSONError.limitExceeded) { try parse(String(repeating: "[", count: 5_000)) }
        #expect(throws: JSONError.limitExceeded) {
            try parse(String(repeating: #"{"a":"#, count: 5_000))
        }
        // Brackets in strings, and brackets that were closed again, do not count.
        _ = try parse("[\"" + String(repeating: "[", count: 500) + "\"]")
        _ = try parse("[" + Array(repeating: "[]", count: 500).joined(separator: ",") + "]")
    }

    @Test("JSN-07 Numbers are 64-bit integers or finite reals", arguments: [
        "9223372036854775808", "1e400", "-1e400", String(repeating: "9", count: 400),
    ])
    func numbers(text: String) {
        #expect(throws: JSONError.malformed) { try parse(text) }
    }

    @Test("JSN-07 The largest numbers are read exactly")
    func largeNumbers() throws {
        #expect(try parse("9223372036854775807").integer == .max)
        #expect(try parse("-9223372036854775808").integer == .min)
        #expect(try parse("1e2").number == 100)
        #expect(try parse("1e2").integer == nil)
    }

    @Test("JSN-08 Names are compared byte for byte")
    func names() throws {
        let object = try JSONObject.parse(Array(#"{"Exp":1,"e\u0301":2,"\u00e9":3}"#.utf8))
        #expect(object["exp"] == nil)
        #expect(object["e\u{301}"] == 2)
        #expect(object["\u{e9}"] == 3)
    }

    @Test("JSN-09 Where an object is due nothing else will do", arguments: [
        "[]", "[{}]", "\"x\"", "1", "null", "true",
    ])
    func topLevel(text: String) {
        #expect(throws: JSONError.notAnObject) { try JSONObject.parse(Array(text.utf8)) }
    }

    @Test("JSN-10 A long string keeps its length")
    func longString() throws {
        let text = String(repeating: "é", count: 3_000)
        #expect(try parse("\"\(text)\"").string?.count == 6_000)
    }

    @Test("JSN-12 Names that are special elsewhere are plain data")
    func plainNames() throws {
        let text = #"{"__proto__":{"sub":"admin"},"constructor":1,"":2,"sub":"u"}"#
        let object = try JSONObject.parse(Array(text.utf8))
        #expect(object["sub"] == "u")
        #expect(object[""] == 2)
    }

    @Test("Limits hold at n and break at n + 1")
    func limits() throws {
        let tight = JSONLimits(bytes: 40, depth: 4, members: 3, values: 6, stringBytes: 5)
        _ = try parse(#"{"a":1,"b":2,"c":3}"#, tight)
        #expect(throws: JSONError.limitExceeded) { try parse(#"{"a":1,"b":2,"c":3,"d":4}"#, tight) }
        _ = try parse("[1,2,3]", tight)
        #expect(throws: JSONError.limitExceeded) { try parse("[1,2,3,4]", tight) }
        _ = try parse("[[1,2],[1,2]]", tight)
        #expect(throws: JSONError.limitExceeded) { try parse("[[1,2],[1,2],[1,2]]", tight) }
        _ = try parse("\"12345\"", tight)
        #expect(throws: JSONError.limitExceeded) { try parse("\"123456\"", tight) }
        _ = try parse("1" + String(repeating: " ", count: 39), tight)
        #expect(throws: JSONError.limitExceeded) {
            try parse("1" + String(repeating: " ", count: 40), tight)
        }
    }

    @Test("What is written reads back as the same value", arguments: [
        #"{"a":[1,2.5,"\u0001\"\\\/é",{"":null}],"b":true}"#, "[]", "{}", "1e+300", "\"\u{7f}\"",
    ])
    func roundTrip(text: String) throws {
        let value = try parse(text)
        let written = value.serialized
        #expect(try JSONValue.parse(written.bytes) == value)
        #expect(written.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    }

    @Test("Members are replaced, appended and removed by name")
    func editing() {
        var object: JSONObject = JSONObject(["a": 1, "b": 2])
        object["b"] = 3
        object["c"] = "x"
        object["a"] = nil
        #expect(object.serialized == #"{"b":3,"c":"x"}"#)
    }

    @Test("HYG-11 Cut and bent documents never trap")
    func mutations() {
        let seed = Array(#"{"a":[1,-2.5e1,true,null,"\u00e9\\\n"],"b":{"c":"\ud83d\ude00"}}"#.utf8)
        for index in seed.indices {
            _ = try? JSONValue.parse(Array(seed[..<index]))
            for byte: UInt8 in [0x00, 0x22, 0x5B, 0x5C, 0x7D, 0x2C, 0xC3, 0x75, 0x30] {
                var bent = seed
                bent[index] = byte
                _ = try? JSONValue.parse(bent)
            }
        }
    }
}
