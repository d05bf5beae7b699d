import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing
import TokenForge

@Suite struct CallbackTests {
    /// A browser that has been to the provider.
    static func begun(_ bench: Bench) throws -> (Browser, Parameters) {
        var browser = Browser()
        let parameters = try browser.beginLogin(bench, returnTo: "/home")
        return (browser, parameters)
    }

    @Test("SES-01 SES-02 COK-01 A login ends with a new session cookie and leads to its page")
    func completed() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.status == 303)
        #expect(decision.reason == .loginCompleted)
        #expect(decision.header("Location") == "/home")
        #expect(decision.header("Referrer-Policy") == "no-referrer")
        #expect(decision.header("Cache-Control") == "no-store")
        let cookie = try #require(decision.setCookies.first)
        #expect(cookie.hasPrefix("__Host-cloakroom="))
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=36000"))
        #expect(browser.session?.count == 43)
        #expect(browser.attempts.isEmpty)
    }

    @Test("CB-07 The code goes out once, with verifier, callback URL and the client's proof")
    func tokenRequest() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        _ = try browser.ask(try browser.callback(parameters, code: "c/o+d e"), bench)
        let form = try #require(bench.forms("/token").first)
        #expect(bench.count("/token") == 1)
        #expect(form["grant_type"] == "authorization_code")
        #expect(form["code"] == "c/o+d e")
        #expect(form["redirect_uri"] == "https://app.example/auth/callback")
        let verifier = try #require(form["code_verifier"])
        #expect(LoginAttempt.challenge(of: verifier) == parameters["code_challenge"])
        #expect(form.lookup("client_secret") == .absent)
        let request = try #require(bench.sent.first { $0.url.hasSuffix("/token") })
        #expect(request.headers.only("authorization")?.hasPrefix("Basic ") == true)
    }

    @Test("LOG-06 Two tabs log in side by side")
    func tabs() throws {
        let bench = Bench(World())
        var browser = Browser()
        let first = try browser.beginLogin(bench, returnTo: "/1")
        let second = try browser.beginLogin(bench, returnTo: "/2")
        bench.world.provider.nonce = try #require(first["nonce"])
        #expect(try browser.ask(try browser.callback(first), bench).header("Location") == "/1")
        bench.world.provider.nonce = try #require(second["nonce"])
        #expect(try browser.ask(try browser.callback(second), bench).header("Location") == "/2")
    }

    @Test("SES-01 The session that was there before is another, and is gone")
    func fixation() throws {
        let bench = Bench(World())
        var browser = try Browser.signedIn(bench)
        let before = try #require(browser.session)
        _ = try browser.signIn(bench)
        #expect(browser.session != nil && browser.session != before)
        let old = TestRequest.script("GET", "/").cookie("__Host-cloakroom=" + before)
        #expect(bench.ask(old)?.reason == .sessionUnknown)
        #expect(bench.world.store.table.count == 1)
    }

    // MARK: Whose answer it is

    @Test("CB-01 LOG-04 A state that is missing, wrong, another browser's or too old sends no code")
    func states() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let state = try #require(parameters["state"])
        let queries: [ByteString] = [
            "code=c", "code=c&state=", "code=c&state=" + state + "x", "code=c&state=wrong",
            "code=c&state=" + ByteString(state.bytes.dropLast()),
        ]
        for query in queries {
            let decision = try browser.ask(.page("/auth/callback?" + query), bench)
            #expect(decision.status == 400, "\(query)")
        }
        var stranger = Browser()
        #expect(
            try stranger.ask(try stranger.callback(parameters), bench).reason
                == .loginAttemptMissing)
        bench.world.pass(seconds: 600)
        #expect(
            try browser.ask(try browser.callback(parameters), bench).reason
                == .loginAttemptMissing)
        #expect(bench.count("/token") == 0)
        #expect(bench.commands.allSatisfy { if case .sweep = $0 { true } else { false } })
    }

    @Test("LOG-11 An attempt's cookie under the name of another attempt is none")
    func swapped() throws {
        let bench = Bench(World())
        var (browser, mine) = try Self.begun(bench)
        var attacker = Browser()
        let theirs = try attacker.beginLogin(bench)
        // The attacker's callback in this browser, once with its own cookie under the right name.
        #expect(try browser.ask(try browser.callback(theirs), bench).reason == .loginAttemptMissing)
        let name = try #require(attacker.attempts.first).name
        browser.set(name, try #require(browser.attempts.first).value)
        #expect(try browser.ask(try browser.callback(theirs), bench).reason == .loginAttemptMissing)
        #expect(bench.count("/token") == 0)
        bench.world.provider.nonce = try #require(mine["nonce"])
        #expect(try browser.ask(try browser.callback(mine), bench).reason == .loginCompleted)
    }

    @Test("COK-07 An attempt's cookie that is there twice is none")
    func tossedAttempt() throws {
        let bench = Bench(World())
        let (browser, parameters) = try Self.begun(bench)
        let line = browser.cookieLine
        let request = try browser.callback(parameters).cookie(line + "; " + line)
        let decision = try #require(bench.ask(request))
        #expect(decision.reason == .loginAttemptMissing)
        #expect(bench.count("/token") == 0)
    }

    @Test("CB-02 A parameter that is there twice sends no code", arguments: [
        "code=c&code=d&state=%s", "code=c&state=%s&state=%s", "code=c&state=%s&iss=a&iss=a",
        "code=c&state=%s&x=1&x=2", "code=c&error=e&state=%s", "state=%s", "code=&state=%s",
        "code=%0d%0a&state=%s", "code=c&state=%s&%zz",
    ] as [ByteString])
    func repeated(query: ByteString) throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let state = try #require(parameters["state"]).string
        let text = ByteString(query.string.replacing("%s", with: state))
        let decision = try browser.ask(.page("/auth/callback?" + text), bench)
        #expect(decision.status == 400)
        #expect(decision.reason == .loginAnswerMalformed)
        #expect(bench.count("/token") == 0)
    }

    @Test("CB-03 An answer with another iss sends no code anywhere", arguments: [
        "https://evil.example", "https://idp.example/", "HTTPS://idp.example", "",
    ] as [ByteString])
    func otherIssuer(issuer: ByteString) throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let decision = try browser.ask(
            try browser.callback(parameters, code: "c", ("iss", issuer)), bench)
        #expect(decision.reason == .loginAnswerMalformed)
        #expect(bench.count("/token") == 0)
        #expect(bench.commands.isEmpty)
        #expect(browser.attempts.isEmpty)
    }

    @Test(
        "CB-03 The right iss is accepted, and insisted on where the metadata promises it",
        arguments: [false, true])
    func promisedIssuer(isThere: Bool) throws {
        let world = World()
        world.provider.metadata["authorization_response_iss_parameter_supported"] = true
        let bench = Bench(world)
        var (browser, parameters) = try Self.begun(bench)
        let request =
            isThere
            ? try browser.callback(parameters, code: "c", ("iss", FakeProvider.issuer))
            : try browser.callback(parameters)
        let decision = try browser.ask(request, bench)
        #expect(decision.reason == (isThere ? .loginCompleted : .loginAnswerMalformed))
        #expect(bench.count("/token") == (isThere ? 1 : 0))
    }

    @Test("CB-03 The promise holds in a worker that has not read the metadata yet")
    func promisedIssuerInNewWorker() throws {
        let world = World()
        world.provider.metadata["authorization_response_iss_parameter_supported"] = true
        var (browser, parameters) = try Self.begun(Bench(world))
        let second = Bench(world, owner: 2, begins: false)
        let decision = try browser.ask(try browser.callback(parameters), second)
        #expect(decision.reason == .loginAnswerMalformed)
        #expect(second.count("/token") == 0)
        let (other, more) = try Self.begun(Bench(world, owner: 3))
        let third = Bench(world, owner: 4, begins: false)
        let request = try other.callback(more, code: "c", ("iss", FakeProvider.issuer))
        #expect(third.ask(other.request(request))?.reason == .loginCompleted)
    }

    @Test("CB-05 BRW-09 An error answer ends the attempt; its text is shown nowhere")
    func errorAnswer() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let state = try #require(parameters["state"])
        let query = FormEncoding.encode([
            ("error", "access_denied"), ("error_description", "<script>alert(1)</script>"),
            ("error_uri", "https://evil.example"), ("state", state),
        ])
        let decision = try browser.ask(.page("/auth/callback?" + query), bench)
        #expect(decision.status == 403)
        #expect(decision.reason == .loginRefusedByProvider)
        #expect(!decision.body.string.contains("script") && !decision.body.string.contains("evil"))
        #expect(decision.body.string.contains("/auth/login?return_to=%2Fhome"))
        #expect(
            decision.header("Content-Security-Policy")
                == "default-src 'none'; frame-ancestors 'none'")
        #expect(decision.header("X-Content-Type-Options") == "nosniff")
        #expect(browser.attempts.isEmpty)
        #expect(bench.commands.isEmpty && bench.count("/token") == 0)
        #expect(bench.hasLogged("access_denied"))
    }

    @Test("CB-05 An error answer without the state of this browser changes nothing")
    func foreignError() throws {
        let bench = Bench(World())
        var (browser, _) = try Self.begun(bench)
        for query: ByteString in ["error=access_denied", "error=access_denied&state=x"] {
            #expect(try browser.ask(.page("/auth/callback?" + query), bench).status == 400)
            #expect(browser.attempts.count == 1)
        }
    }

    @Test(
        "CB-06 A callback is a GET",
        arguments: ["POST", "HEAD", "PUT", "OPTIONS"] as [ByteString])
    func methods(method: ByteString) throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        var request = try browser.callback(parameters)
        request.method = method
        #expect(try browser.ask(request, bench).status == 405)
        #expect(bench.count("/token") == 0)
    }

    // MARK: Delivered twice

    @Test("CB-01 A callback delivered twice sends one code, and both lead to the page")
    func twiceAtOnce() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let request = browser.request(try browser.callback(parameters))
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let ids = [bench.start(request), bench.start(request)]
        #expect(ids.allSatisfy { bench.decisions[$0] == nil })
        bench.world.provider.script = { _ in nil }
        bench.release()
        for id in ids {
            let decision = try #require(bench.decisions[id])
            #expect(decision.reason == .loginCompleted)
            browser.take(decision)
            #expect(bench.ask(browser.request(.page("/")))?.outcome == .forward)
        }
        #expect(bench.count("/token") == 1)
    }

    @Test("SES-03 CB-01 A spent callback in a browser with a session goes to its page")
    func spent() throws {
        let world = World()
        let (bench, second) = (Bench(world), Bench(world, owner: 2))
        var (browser, parameters) = try Self.begun(bench)
        let attempt = try #require(browser.attempts.first)
        let request = try browser.callback(parameters)
        _ = try browser.ask(request, bench)
        // Reloaded without the attempt's cookie, then with it, in this worker and in another.
        #expect(try browser.ask(request, bench).header("Location") == "/")
        browser.set(attempt.name, attempt.value)
        for worker in [bench, second] {
            let decision = try #require(worker.ask(browser.request(request)))
            #expect(decision.status == 303)
            #expect(decision.reason == .loginAlreadyCompleted)
            #expect(decision.header("Location") == "/home")
            #expect(decision.setCookies.isEmpty)
        }
        #expect(bench.count("/token") + second.count("/token") == 1)
    }

    @Test("CB-01 A spent callback in a browser without a session is an error, and sends no code")
    func spentWithoutSession() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        let request = browser.request(try browser.callback(parameters))
        _ = try browser.ask(try browser.callback(parameters), bench)
        let decision = try #require(bench.ask(request))
        #expect(decision.status == 400)
        #expect(decision.reason == .loginAlreadyCompleted)
        #expect(bench.count("/token") == 1)
    }

    @Test("CB-01 The state is spent before the code is sent: without a store no code goes out")
    func storeDown() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        bench.storeFailure = { _ in .down }
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .storeUnavailable)
        #expect(decision.header("Retry-After") != nil)
        #expect(bench.count("/token") == 0)
        // The attempt is still good once the store is back.
        bench.storeFailure = { _ in nil }
        #expect(try browser.ask(try browser.callback(parameters), bench).reason == .loginCompleted)
    }

    @Test("A browser that goes away does not stop its login")
    func cancelled() throws {
        let bench = Bench(World())
        var (browser, parameters) = try Self.begun(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        let request = browser.request(try browser.callback(parameters))
        bench.cancel(bench.start(request))
        let again = bench.start(request)
        bench.world.provider.script = { _ in nil }
        bench.release()
        let decision = try #require(bench.decisions[again])
        #expect(decision.reason == .loginCompleted)
        browser.take(decision)
        #expect(bench.count("/token") == 1)
        #expect(bench.decisions.count == 2)
    }

    @Test("IDT-10 With max_age a login needs an ID token that shows it was kept", arguments: [
        (nil, "60", false), (-130, "60", false), (-60, "60", true), (0, "60", true),
        (-130, nil, true), (nil, nil, true), (0, "0", true), (-70, "0", false),
    ] as [(Int64?, ByteString?, Bool)])
    func maximumAge(time: Int64?, maximum: ByteString?, isGood: Bool) throws {
        let world = World()
        let bench = Bench(world) {
            guard let maximum else { return }
            $0.providers["idp"]?.client?.authorizationParameters = [HeaderField("max_age", maximum)]
        }
        let began = world.wall
        world.provider.adjustIDToken = { $0["auth_time"] = time.map { .integer(began + $0) } }
        var browser = Browser()
        let parameters = try browser.beginLogin(bench)
        #expect(parameters["max_age"] == maximum)
        // Consent may take its time.
        world.pass(seconds: 200)
        let decision = try browser.ask(try browser.callback(parameters), bench)
        #expect(decision.reason == (isGood ? .loginCompleted : .loginTokenRefused))
        #expect((browser.session != nil) == isGood)
        #expect(bench.hasLogged("authentication_too_old") != isGood)
        guard isGood else { return }
        // A refreshed ID token still says when that was.
        world.pass(seconds: 250)
        #expect(bench.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
    }
}
