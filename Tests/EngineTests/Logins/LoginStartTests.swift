import Encodings
import Engine
import HTTPMessages
import OAuth
import Sessions
import Testing

@Suite struct LoginStartTests {
    @Test("LOG-01 LOG-02 LOG-05 LOG-07 A login asks for a code with PKCE, state and nonce")
    func parameters() throws {
        let bench = Bench(World())
        var browser = Browser()
        let decision = try browser.ask(
            .page("/auth/login", ("Host", "evil.example"), ("X-Forwarded-Host", "evil.example")),
            bench)
        #expect(decision.status == 303)
        #expect(decision.reason == .loginStarted)
        let url = try #require(decision.header("Location").flatMap { URLReference($0) })
        #expect(url.origin + url.path == "https://idp.example/authorize")
        let sent = Parameters(try #require(url.query))
        #expect(sent["response_type"] == "code")
        #expect(sent["client_id"] == "app")
        #expect(sent["redirect_uri"] == "https://app.example/auth/callback")
        #expect(sent["scope"] == "openid profile")
        #expect(sent["code_challenge_method"] == "S256")
        for name: ByteString in ["state", "nonce", "code_challenge"] {
            #expect(sent[name]?.count == 43, "\(name)")
        }
        #expect(sent.pairs.count == 8)
    }

    @Test("LOG-14 What the request names is not passed on")
    func foreignParameters() throws {
        let bench = Bench(World())
        let decision = try #require(
            bench.ask(.page("/auth/login?redirect_uri=https://evil&scope=admin&prompt=none")))
        let location = try #require(decision.header("Location"))
        #expect(!location.string.contains("evil") && !location.string.contains("admin"))
        #expect(!location.string.contains("prompt"))
    }

    @Test("LOG-03 LOG-04 LOG-05 Every attempt has values of its own, and a cookie of its own")
    func fresh() throws {
        let bench = Bench(World())
        var seen: Set<ByteString> = []
        var names: Set<ByteString> = []
        for _ in 0..<50 {
            var browser = Browser()
            let sent = try browser.beginLogin(bench)
            for name: ByteString in ["state", "nonce", "code_challenge"] {
                seen.insert(try #require(sent[name]))
            }
            #expect(browser.attempts.count == 1)
            names.insert(try #require(browser.attempts.first).name)
        }
        #expect(seen.count == 150)
        #expect(names.count == 50)
    }

    @Test("COK-01 COK-02 COK-03 COK-05 The attempt's cookie is sealed and short-lived")
    func cookie() throws {
        let bench = Bench(World())
        var browser = Browser()
        let decision = try browser.ask(.page("/auth/login?return_to=%2Fsecret-place"), bench)
        let cookie = try #require(decision.setCookies.first)
        #expect(decision.setCookies.count == 1)
        #expect(cookie.hasPrefix("__Host-cloakroom-login-"))
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600"))
        #expect(cookie.count < 4_096)
        let value = try #require(browser.attempts.first.flatMap { Base64URL.decode($0.value) })
        #expect(!ByteString(value).string.contains("secret-place"))
        let state = try #require(
            Parameters(URLReference(decision.header("Location") ?? "")?.query ?? "")["state"])
        #expect(!cookie.string.contains(state.string))
    }

    @Test("LOG-09 The longest return path still fits into the cookie")
    func longestPath() throws {
        let bench = Bench(World())
        let path = ByteString([0x2F] + [UInt8](repeating: 0x61, count: 1_999))
        var browser = Browser()
        let decision = try browser.signIn(bench, returnTo: path)
        #expect(decision.header("Location") == path)
    }

    @Test("LOG-09 A login that is only begun writes nothing to the store")
    func costsNothing() throws {
        let bench = Bench(World())
        var browser = Browser()
        for _ in 0..<20 { _ = try browser.beginLogin(bench) }
        #expect(bench.commands.isEmpty)
    }

    @Test("LOG-09 LIM-20 A browser holds eight attempts at most: the oldest goes first")
    func cap() throws {
        let bench = Bench(World())
        var browser = Browser()
        var states: [Parameters] = []
        for _ in 0..<11 {
            states.append(try browser.beginLogin(bench))
            #expect(browser.attempts.count <= 8)
        }
        #expect(browser.attempts.count == 8)
        var copy = browser
        #expect(try copy.ask(try copy.callback(states[2]), bench).reason == .loginAttemptMissing)
        bench.world.provider.nonce = try #require(states[3]["nonce"])
        #expect(try browser.ask(try browser.callback(states[3]), bench).reason == .loginCompleted)
    }

    @Test(
        "LOG-11 Another site can link to the login, but not load it behind the person's back",
        arguments: [
        ("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("navigate", "embed"),
        ("no-cors", "script"), ("same-origin", "document"),
    ] as [(ByteString, ByteString)])
    func notANavigation(mode: ByteString, destination: ByteString) throws {
        let bench = Bench(World())
        let decision = try #require(
            bench.ask(
                .plain(
                    "GET", "/auth/login", ("Sec-Fetch-Mode", mode),
                    ("Sec-Fetch-Dest", destination))))
        #expect(decision.status == 403)
        #expect(decision.reason == .loginNeedsNavigation)
        #expect(decision.setCookies.isEmpty)
    }

    @Test("LOG-10 A login that is begun leaves the session that is there alone")
    func keepsSession() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let session = browser.session
        let parameters = try browser.beginLogin(bench)
        #expect(browser.session == session)
        let state = try #require(parameters["state"])
        _ = try browser.ask(.page("/auth/callback?error=access_denied&state=" + state), bench)
        #expect(browser.session == session)
        #expect(bench.ask(browser.request(.page("/")))?.outcome == .forward)
    }

    @Test("MET-09 A provider that was down at start gives 503, and logins as soon as it is back")
    func providerDown() throws {
        let world = World()
        world.provider.script = { _ in .refusedConnection }
        let bench = Bench(world)
        let page = try #require(bench.ask(.page("/auth/login")))
        #expect(page.status == 503)
        #expect(page.reason == .providerUnavailable)
        #expect(page.header("Retry-After") == "2")
        world.provider.script = { _ in nil }
        world.pass(seconds: 1)
        #expect(bench.ask(.page("/auth/login"))?.status == 303)
    }

    @Test("A login waits for a slow provider as long as it may, then answers 503")
    func providerSlow() throws {
        let world = World()
        world.provider.script = { _ in .held }
        let bench = Bench(world)
        let id = bench.start(.page("/auth/login"))
        #expect(bench.decisions[id] == nil)
        world.pass(milliseconds: 4_999)
        #expect(bench.decisions[id] == nil)
        world.pass(milliseconds: 1)
        #expect(bench.decisions[id]?.status == 503)
    }

    @Test("HYG-02 Without random bytes no login begins")
    func noRandom() throws {
        let bench = Bench(World())
        bench.random.isBroken = true
        let decision = try #require(bench.ask(.page("/auth/login")))
        #expect(decision.status == 503)
        #expect(decision.reason == .randomUnavailable)
        #expect(decision.setCookies.isEmpty)
    }

    @Test(
        "Only GET and HEAD begin a login",
        arguments: ["POST", "PUT", "OPTIONS", "DELETE"] as [ByteString])
    func methods(method: ByteString) throws {
        let decision = try #require(Bench(World()).ask(.plain(method, "/auth/login")))
        #expect(decision.status == 405)
        #expect(decision.header("Allow") == "GET, HEAD")
    }
}
