import Encodings
import HTTPMessages
import Testing

@Suite struct URLReferenceTests {
    @Test("A good URL is read into its parts")
    func parts() throws {
        let url = try #require(URLReference("https://IDP.Example:8443/a/b?c=d?e"))
        #expect(url.isSecure)
        #expect(url.host == "idp.example")
        #expect(url.port == 8443)
        #expect(url.path == "/a/b")
        #expect(url.query == "c=d?e")
        #expect(url.origin == "https://idp.example:8443")
    }

    @Test("The origin leaves the scheme's own port out", arguments: [
        ("https://a", "https://a"), ("https://a:443/x", "https://a"), ("http://a:80", "http://a"),
        ("http://a:443", "http://a:443"), ("https://a:80", "https://a:80"),
        ("https://A.b?x", "https://a.b"), ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://[::1]", "http://[::1]"), ("https://a:00443", "https://a"),
    ] as [(ByteString, ByteString)])
    func origins(text: ByteString, origin: ByteString) {
        #expect(URLReference(text)?.origin == origin)
    }

    @Test("MET-03 Userinfo, fragments, other schemes and odd characters are refused", arguments: [
        "", "https", "https:", "https:/a", "https://", "https:///a", "//a", "/a", "a", "ftp://a",
        "javascript:alert(1)", "HTTPS://a", "https://user@a", "https://user:pw@a", "https://a#b",
        "https://a/#", "https://a b", "https://a/ b", "https://a\\b", "https://a/\\b",
        "https://a\n", "https://ä", "https://a/ä", "https://a\u{0}", "https://a:", "https://a:0",
        "https://a:65536", "https://a:123456", "https://a:-1", "https://a:80a", "https://:80",
        "https://[::1", "https://::1]", "https://[]", "https://[g]", "https://[::1]x",
        "https://a:80:80", "https://a%2eb", "https://a,b", " https://a",
    ] as [ByteString])
    func refused(text: ByteString) {
        #expect(URLReference(text) == nil)
    }

    @Test("Loopback is known by its text alone", arguments: [
        ("http://localhost", true), ("http://a.localhost:80", true), ("http://127.0.0.1", true),
        ("http://127.1.2.3", true), ("http://[::1]:1", true), ("http://localhost.example", false),
        ("http://notlocalhost", false), ("http://127.0.0.1.example", false),
        ("http://127.0.0", false), ("http://128.0.0.1", false), ("http://0.0.0.0", false),
        ("http://[::2]", false), ("http://127.0.0.x", false), ("http://127.0.0.1234", false),
        ("http://127..0.1", false),
    ] as [(ByteString, Bool)])
    func loopback(text: ByteString, isLoopback: Bool) {
        #expect(URLReference(text)?.isLoopback == isLoopback)
    }
}
