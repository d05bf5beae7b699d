import Encodings
import HTTPMessages
import Testing

@Suite struct FormEncodingTests {
    @Test("LOG-13 Text comes back as it was, each byte of it")
    func roundTrip() {
        let all = ByteString([UInt8](0...255))
        #expect(FormEncoding.decode(FormEncoding.encode(all)) == all)
        #expect(FormEncoding.decode(FormEncoding.percentEncode(all)) == all)
    }

    @Test("LOG-13 Encoding follows the form's rules", arguments: [
        ("a b", "a+b"), ("a+b", "a%2Bb"), ("&=?#%", "%26%3D%3F%23%25"), ("*-._", "*-._"),
        ("~", "%7E"), ("é", "%C3%A9"), ("\r\n", "%0D%0A"), ("", ""),
    ] as [(ByteString, ByteString)])
    func encoding(text: ByteString, encoded: ByteString) {
        #expect(FormEncoding.encode(text) == encoded)
    }

    @Test("Percent-encoding leaves only what needs none", arguments: [
        ("a b", "a%20b"), ("*", "%2A"), ("-._~", "-._~"), ("'", "%27"),
    ] as [(ByteString, ByteString)])
    func percent(text: ByteString, encoded: ByteString) {
        #expect(FormEncoding.percentEncode(text) == encoded)
    }

    @Test(
        "A broken escape is no text",
        arguments: ["%", "%4", "%zz", "a%", "%%41", "%4g", "% 41"] as [ByteString])
    func broken(text: ByteString) {
        #expect(FormEncoding.decode(text) == nil)
        #expect(Parameters("a=" + text).isMalformed)
        #expect(Parameters(text + "=a").isMalformed)
    }

    @Test("Escapes are read in either case, and once")
    func escapes() {
        #expect(FormEncoding.decode("%2f%2F") == "//")
        #expect(FormEncoding.decode("%2541") == "%41")
    }
}

@Suite struct ParametersTests {
    @Test("Pairs are read in their order; what has no value has an empty one")
    func pairs() {
        let parameters = Parameters("a=1&b=2%26&&c&=d&e=f=g&a+b=")
        #expect(
            parameters.pairs == [
                HeaderField("a", "1"), HeaderField("b", "2&"), HeaderField("c", ""),
                HeaderField("", "d"), HeaderField("e", "f=g"), HeaderField("a b", ""),
            ])
        #expect(!parameters.isMalformed)
        #expect(Parameters("").pairs.isEmpty)
    }

    @Test("CB-02 A name that is there twice has no value, however it is spelled")
    func repeated() {
        #expect(Parameters("a=1&a=2").lookup("a") == .repeated)
        #expect(Parameters("a=1&%61=1")["a"] == nil)
        #expect(Parameters("a=1&A=2")["a"] == "1")
        #expect(Parameters("b=1").lookup("a") == .absent)
    }

    @Test("More than 64 parameters are too many")
    func count() {
        let many = (0..<64).reduce(into: ByteString()) { $0 += "&a\($1)=" }
        #expect(!Parameters(many).isMalformed)
        #expect(Parameters(many + "&b=").isMalformed)
        #expect(Parameters(many + "&b=").pairs.count == 64)
    }
}
