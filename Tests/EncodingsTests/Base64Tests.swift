import Encodings
import Testing

@Suite("Base64")
struct Base64Tests {
    @Test("Bytes of every length come back as they were", arguments: 0...70)
    func roundTrip(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
        let text = Base64URL.encode(bytes)
        #expect(Base64URL.decode(text) == bytes)
        #expect(text.bytes.allSatisfy { ASCII.isAlphanumeric($0) || $0 == 0x2D || $0 == 0x5F })
    }

    @Test("The examples of RFC 4648 come out", arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func standard(plain: String, text: String) {
        #expect(Base64.encode(Array(plain.utf8)) == ByteString(text))
        let unpadded = String(text.prefix { $0 != "=" })
        #expect(Base64URL.encode(Array(plain.utf8)) == ByteString(unpadded))
        #expect(Base64URL.decode(ByteString(unpadded)) == Array(plain.utf8))
    }

    @Test("Only the standard alphabet has + and /, only the other has - and _")
    func alphabets() {
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF]) == "-_-_")
    }

    @Test("The standard alphabet comes back only as it is written", arguments: [
        ("Zg==", [0x66]), ("+/+/", [0xFB, 0xFF, 0xBF]), ("", []), ("Zg", nil), ("Zg=", nil),
        ("Zh==", nil), ("-_-_", nil), ("Zm9v\n", nil), ("====", nil), ("Z===", nil),
        ("Zg==Zg==", nil),
    ] as [(String, [UInt8]?)])
    func standardDecoding(text: String, expected: [UInt8]?) {
        #expect(Base64.decode(ByteString(text)) == expected)
    }

    @Test("FMT-03 Padding is refused", arguments: ["Zg==", "Zm8=", "Zm9v=", "="])
    func padding(text: String) { #expect(Base64URL.decode(ByteString(text)) == nil) }

    @Test("FMT-04 A second spelling of the same bytes is refused", arguments: [
        "Zh", "Zv", "Zm9", "Zm-", "Zm9vYn",
    ])
    func canonical(text: String) { #expect(Base64URL.decode(ByteString(text)) == nil) }

    @Test("FMT-04 A length that no encoder makes is refused", arguments: ["A", "AAAAA"])
    func impossibleLength(text: String) { #expect(Base64URL.decode(ByteString(text)) == nil) }

    @Test("FMT-02 Every character outside the alphabet is refused")
    func foreign() {
        for byte in UInt8.min...UInt8.max {
            let isKnown = ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x5F
            let text = ByteString([0x41, 0x41, byte, 0x41])
            #expect((Base64URL.decode(text) != nil) == isKnown, "byte \(byte)")
        }
    }

    @Test("Hexadecimal goes both ways and takes whole digits only")
    func hexadecimal() {
        #expect(Hexadecimal.encode([0x00, 0x7F, 0xFF]) == "007fff")
        #expect(Hexadecimal.decode("007FfF") == [0x00, 0x7F, 0xFF])
        #expect(Hexadecimal.decode("0") == nil)
        #expect(Hexadecimal.decode("0g") == nil)
    }
}
