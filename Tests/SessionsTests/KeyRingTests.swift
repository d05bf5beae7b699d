import Cryptography
import Encodings
import Sessions
import Testing

@Suite("A key file makes a ring")
struct KeyRingTests {
    private static let first = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    private static let second = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8"

    private func parse(_ text: String) throws(KeyRingError) -> KeyRing {
        try KeyRing.parse(Array(text.utf8))
    }

    @Test("The first key is current, every key opens; comments and blank lines are skipped")
    func good() throws {
        let ring = try parse(
            "# made today\n\n new.key-2 \(Self.first)\r\n\told_1   \(Self.second) \n# end")
        #expect(ring.current.id == "new.key-2")
        #expect(ring.keys.map(\.id) == ["new.key-2", "old_1"])
        #expect(ring.current.secret == Secret(Array(0..<32)))
        #expect(ring["old_1"]?.secret == Secret(Array(32..<64)))
        #expect(ring["old_2"] == nil)
        #expect(ring["NEW.KEY-2"] == nil)
    }

    @Test(
        "A mistake is named with its line",
        arguments: [
            ("", .noKey),
            ("# nothing\n\n", .noKey),
            ("k1", .notTwoWords(line: 1)),
            ("\nk1 \(first) more", .notTwoWords(line: 2)),
            ("k:1 \(first)", .badIdentifier(line: 1)),
            ("ké \(first)", .badIdentifier(line: 1)),
            ("\(String(repeating: "k", count: 33)) \(first)", .badIdentifier(line: 1)),
            ("k1 \(first)=", .badKey(line: 1)),
            ("k1 \(first.dropLast())", .badKey(line: 1)),
            ("k1 \(first.dropLast())9", .badKey(line: 1)),
            ("k1 \(first)AA", .badKey(line: 1)),
            ("k1 \(first.dropLast())/", .badKey(line: 1)),
            ("k1 \(String(repeating: "A", count: 43))", .guessableKey(line: 1)),
            ("k1 \(first)\n#\nk1 \(second)", .repeatedIdentifier(line: 3)),
        ] as [(String, KeyRingError)])
    func bad(_ text: String, _ error: KeyRingError) {
        #expect(throws: error) { try parse(text) }
        #expect(!error.description.contains(Self.first.prefix(8)))
    }

    @Test("A file that can be no key file is not read through")
    func large() {
        let file = [UInt8](repeating: 0x23, count: 65_537)
        #expect(throws: KeyRingError.tooLarge) { try KeyRing.parse(file) }
    }

    @Test("A ring shows no key when it is printed")
    func silence() throws {
        let ring = try parse("k1 \(Self.first)")
        var text = ""
        dump(ring, to: &text)
        #expect(!("\(ring)" + String(reflecting: ring) + text).contains(Self.first.prefix(8)))
        #expect(!"\(ring)\(text)".contains("30, 31") && !text.contains("- 31\n"), "the last bytes")
    }
}
