import Encodings
import HTTPMessages
import Testing

@Suite struct BearerCredentialsTests {
    @Test(
        "BEA-02 One token68 behind the scheme, whatever its case and the number of spaces",
        arguments: [
        ("Bearer abc", "abc"), ("bearer abc", "abc"), ("BEARER   abc", "abc"),
        ("Bearer aZ09-._~+/==", "aZ09-._~+/=="), ("Bearer a", "a"),
    ] as [(ByteString, ByteString)])
    func good(line: ByteString, token: ByteString) {
        #expect(BearerCredentials([line]) == .token(token))
    }

    @Test("BEA-02 BEA-15 FMT-10 A botched Bearer is malformed, and so is nothing at all", arguments: [
        "", " ", "\t", "Bearer", "Bearer ", "bearer  ", "Bearer a b", "Bearer a ", "Bearer a,b", "Bearer: a",
        "Bearer\ta", "Bearer=a", "Bearer \ta", "Bearer \"a\"", "Bearer a\u{0}", "Bearer =a",
        "Bearer ==", "Bearer a=b", "Bearer ä", "Bearer Bearer a", "Bearer a\r\nX: y", "Bearer,a",
    ] as [ByteString])
    func malformed(line: ByteString) {
        #expect(BearerCredentials([line]) == .malformed)
    }

    @Test("BEA-14 Another scheme is no credential here", arguments: [
        "Basic YTpi", "Negotiate x", "DPoP abc", "Bearertoken abc", "Bear abc", "abc",
        " Bearer abc",
    ] as [ByteString])
    func other(line: ByteString) {
        #expect(BearerCredentials([line]) == .none)
    }

    @Test("BEA-03 Two lines are two credentials, equal or not")
    func repeated() {
        #expect(BearerCredentials([]) == .none)
        #expect(BearerCredentials(["Bearer a", "Bearer a"]) == .repeated)
        #expect(BearerCredentials(["Basic a", "Bearer a"]) == .repeated)
        #expect(BearerCredentials(["", "Bearer a"]) == .repeated)
    }
}
