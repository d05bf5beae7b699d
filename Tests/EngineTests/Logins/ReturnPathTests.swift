import Encodings
import Engine
import HTTPMessages
import Testing

@Suite struct ReturnPathTests {
    @Test("LOG-08 A local path outside the prefix is accepted as it is", arguments: [
        "/", "/a", "/a/b?c=d", "/a?x=https://evil.example//", "/authx", "/auth-x/logout",
        "/a/auth/",
        "/%C3%BC", "/a%20b", "/a;b", "/a#b", "/?next=/auth/logout", "/Auth/logout", "/a/../b",
        "/@evil.example", "/a:b", "/.well-known/x", "/%41", "/a?b=%00%0D%0A", "/..",
    ] as [ByteString])
    func accepted(text: ByteString) {
        #expect(ReturnPath.accept(text, prefix: "/auth") == text)
    }

    static let foreign: [ByteString] = [
        "", "a", "?a", "#a", " /a", "/a ", "http://evil.example", "https:evil.example",
        "https://good@evil.example", "javascript:alert(1)", "data:text/html,x", "//evil.example",
        "///evil.example", "//", "/\\evil.example", "\\/evil.example", "\\\\evil.example",
        "/a\\..\\..\\evil", "/\t/evil.example", "\t//evil.example", "/\n/evil.example",
        "/\r/evil.example", "/a\r\nSet-Cookie: x=y", "/\u{0}", "/\u{7F}", "/ü", "/\u{2028}",
        "/%09/evil.example", "/%0d%0aX:1", "/%00", "/%2f/evil.example", "/%2F%2Fevil", "/%5cevil",
        "/a%2f..%2fauth/logout", "/%", "/%4", "/%zz", "/a%7F",
        // Under the prefix, however it is spelled.
        "/auth", "/auth/", "/auth/logout", "/auth?x", "/auth#x", "/auth/callback?code=x",
        "/auth/../auth/logout", "/a/../auth/logout", "/./auth/logout", "/.//auth/logout",
        "/a/b/../../auth", "/%61uth/logout", "/%61%75%74%68", "/x/%2e%2e/auth/logout",
        "/x/%2E./auth/logout", "/auth/.", "/auth/x/..", "/../auth/logout", "/auth//logout",
        // A browser takes an empty segment for one, and ".." takes that one away.
        "/auth//../logout", "/x/../auth//../logout", "/auth//..",
    ]

    @Test("LOG-08 Anything else is refused", arguments: foreign)
    func refused(text: ByteString) {
        #expect(ReturnPath.accept(text, prefix: "/auth") == nil)
    }

    @Test("LOG-08 A path is at most 2,000 bytes long")
    func length() {
        let longest = ByteString([0x2F] + [UInt8](repeating: 0x61, count: 1_999))
        #expect(ReturnPath.accept(longest, prefix: "/auth") == longest)
        #expect(ReturnPath.accept(longest + "a", prefix: "/auth") == nil)
        let huge = ByteString([0x2F] + [UInt8](repeating: 0x61, count: 4_095))
        #expect(ReturnPath.accept(huge, prefix: "/auth") == nil)
    }

    @Test("LOG-08 What a login is told about its return decides nothing but the path", arguments: [
        ("return_to=%2Fa%3Fb", "/a?b"), ("return_to=%2F%2Fevil.example", "/home"),
        ("return_to=https%3A%2F%2Fevil.example", "/home"), ("return_to=%2Fauth%2Flogout", "/home"),
        ("return_to=%2F%2561uth%2Flogout", "/home"), ("return_to=%2Fa&return_to=%2Fb", "/home"),
        ("return_to=%", "/home"), ("", "/home"),
        ("redirect_uri=%2Fa&iss=https%3A%2F%2Fevil", "/home"),
    ] as [(ByteString, ByteString)])
    func login(query: ByteString, landing: ByteString) throws {
        let bench = Bench(World()) { $0.sessions { $0.landing = "/home" } }
        var browser = Browser()
        let decision = try browser.ask(.page("/auth/login?" + query), bench)
        let location = try #require(decision.header("Location"))
        let parameters = Parameters(try #require(URLReference(location)?.query))
        bench.world.provider.nonce = try #require(parameters["nonce"])
        let callback = try browser.ask(try browser.callback(parameters), bench)
        #expect(callback.status == 303)
        #expect(callback.header("Location") == landing)
    }
}
