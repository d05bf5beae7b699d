import Encodings
import Engine
import HTTPMessages
import Testing

/// Without a session: a page leads to the login, a program gets a status that it understands.
@Suite struct SignInNeededTests {
    @Test("LOG-12 A document navigation is led to the login, and back to its page")
    func navigation() throws {
        let bench = Bench(World())
        let decision = try #require(bench.ask(.page("/a/b?c=d&e=f")))
        #expect(decision.status == 303)
        #expect(decision.header("Location") == "/auth/login?return_to=%2Fa%2Fb%3Fc%3Dd%26e%3Df")
        #expect(decision.header("Cache-Control") == "no-store")
        #expect(decision.setCookies.isEmpty)
        #expect(decision.sessionState == SessionState.none)
    }

    @Test("LOG-12 HEAD is a navigation like GET; without fetch metadata Accept tells")
    func otherNavigations() throws {
        let bench = Bench(World())
        var head = TestRequest.page("/")
        head.method = "HEAD"
        #expect(bench.ask(head)?.status == 303)
        for accept: ByteString in ["text/html", "application/xml;q=0.9, Text/HTML;q=0.8"] {
            #expect(bench.ask(.plain("GET", "/", ("Accept", accept)))?.status == 303)
        }
    }

    static let programs: [TestRequest] = [
        .script("GET", "/api"),
        .script("POST", "/api"),
        .plain("GET", "/"),
        .plain("GET", "/", ("Accept", "*/*")),
        .plain("GET", "/", ("Accept", "application/json")),
        .plain("GET", "/", ("Accept", "application/json, x/text/html")),
        .plain("GET", "/", ("Accept", "text/html"), ("X-Requested-With", "XMLHttpRequest")),
        .plain("GET", "/", ("Accept", "text/html"), ("Upgrade", "websocket")),
        .plain("POST", "/", ("Accept", "text/html")),
        .plain("get", "/", ("Accept", "text/html")),
        .plain("OPTIONS", "/", ("Accept", "text/html")),
        .plain("GET", "/", ("Accept", "text/html"), ("Sec-Fetch-Mode", "cors")),
        .plain("GET", "/", ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")),
        .plain("GET", "/", ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "document")),
        .plain("GET", "/", ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Mode", "cors")),
    ]

    @Test(
        "LOG-12 Everything else gets 401, a problem document and the way to the login",
        arguments: programs)
    func program(request: TestRequest) throws {
        let decision = try #require(Bench(World()).ask(request))
        #expect(decision.status == 401)
        #expect(decision.header("Location") == nil)
        #expect(decision.header("WWW-Authenticate") == "Cloakroom login=\"/auth/login\"")
        #expect(decision.header("Content-Type") == "application/problem+json")
        #expect(decision.json?["login"]?.string == "/auth/login")
        #expect(decision.json?["reason"]?.string == "session_missing")
        #expect(decision.json?["status"]?.integer == 401)
    }

    @Test("BEA-13 BRW-07 A preflight is answered, never redirected, without a word of CORS")
    func preflight() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let preflight = TestRequest.plain(
            "OPTIONS", "/api", ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "PUT"), ("Accept", "text/html"))
        for request in [preflight, browser.request(preflight)] {
            let decision = try #require(bench.ask(request))
            #expect(decision.status == 204)
            #expect(decision.reason == .preflight)
            #expect(
                decision.clientHeaders.allSatisfy {
                    !$0.name.lowercased.hasPrefix("access-control")
                })
        }
    }

    @Test(
        "LOG-08 A page below the prefix, or a target that is no local path, is not led back to",
        arguments: [
        "//evil.example/x", "/auth/other", "*",
    ] as [ByteString])
    func targets(target: ByteString) throws {
        let bench = Bench(World())
        let decision = try #require(bench.ask(.page(target)))
        if decision.status == 303 {
            #expect(decision.header("Location") == "/auth/login")
        } else {
            #expect(decision.status == 404)
        }
    }

    @Test("COK-19 With a Strict cookie a cross-site navigation asks once more before a login")
    func strict() throws {
        let bench = Bench(World()) { $0.sessions { $0.sameSite = .strict } }
        let foreign = TestRequest.page("/").without("Sec-Fetch-Site")
            .with("Sec-Fetch-Site", "cross-site")
        let decision = try #require(bench.ask(foreign))
        #expect(decision.status == 200)
        #expect(decision.header("Refresh") == "0")
        #expect(bench.ask(.page("/"))?.status == 303)
    }

    @Test("COK-03 The session cookie has the SameSite that was chosen, the login cookie is Lax")
    func sameSite() throws {
        let bench = Bench(World()) { $0.sessions { $0.sameSite = .strict } }
        var browser = Browser()
        let login = try browser.ask(.page("/auth/login"), bench)
        #expect(login.setCookies.allSatisfy { $0.string.contains("; SameSite=Lax") })
        var second = Browser()
        let callback = try second.signIn(bench)
        #expect(callback.setCookies.first?.string.contains("; SameSite=Strict") == true)
    }
}
