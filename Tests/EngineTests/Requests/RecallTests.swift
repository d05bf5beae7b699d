import Encodings
import Engine
import HTTPMessages
import Testing

@Suite("What is recalled is what a full look gives, and nothing unusual is recalled")
struct RecallTests {
    /// A browser whose session has been asked for once, so that its answer is remembered.
    static func known(_ bench: Bench) throws -> Browser {
        let browser = try Browser.signedIn(bench)
        #expect(bench.ask(browser.request(.script("GET", "/orders")))?.outcome == .forward)
        return browser
    }

    @Test("A session's second request is recalled, also with other cookies and as HEAD or page")
    func recalls() throws {
        let bench = Bench(World())
        let browser = try Self.known(bench)
        for request in [
            browser.request(.script("GET", "/other?x=1")), browser.request(.page("/")),
            browser.request(.script("HEAD", "/")),
            .script("GET", "/", ("Cookie", "a=b;  " + browser.cookieLine + " ; c=d")),
            .script("GET", "/", ("Authorization", "Bearer x")).cookie(browser.cookieLine),
        ] {
            // The bench compares each with the full look.
            #expect(bench.recall(request) != nil, "\(request.method) \(request.target)")
            #expect(bench.ask(request)?.outcome == .forward)
        }
    }

    @Test("BRW-01 BRW-03 BRW-04 COK-07 SES-03 What needs a closer look is not recalled")
    func unusual() throws {
        let bench = Bench(World())
        let browser = try Self.known(bench)
        let line = browser.cookieLine
        let session = try #require(browser.session)
        for (why, request) in [
            ("an unsafe method", TestRequest.script("POST", "/").cookie(line)),
            ("an upgrade", .script("GET", "/", ("Upgrade", "websocket")).cookie(line)),
            ("another site", .plain("GET", "/", ("Sec-Fetch-Site", "cross-site")).cookie(line)),
            ("a sibling host", .plain("GET", "/", ("Sec-Fetch-Site", "same-site")).cookie(line)),
            ("two lines", .script("GET", "/").cookie("a=b").cookie(line)),
            ("the name twice", .script("GET", "/").cookie(line + "; " + line)),
            ("the name twice, behind a tab", .script("GET", "/").cookie(line + ";\t__Host-cloakroom=x")),
            ("an attempt", .script("GET", "/").cookie("__Host-cloakroom-login-x=y; " + line)),
            ("quotes", .script("GET", "/").cookie("__Host-cloakroom=\"" + session + "\"")),
            ("another sign", .script("GET", "/").cookie("__Host-cloakroom~" + session)),
            ("an endpoint", .script("GET", "/auth/session").cookie(line)),
            ("another policy", TestRequest.script("GET", "/").cookie(line).under("open")),
            ("no cookie", .script("GET", "/")),
        ] {
            #expect(bench.recall(request) == nil, "\(why)")
            _ = bench.ask(request)
        }
    }

    @Test("REF-09 COK-11 A token that is due, or an idle time to be extended, takes a full look")
    func due() throws {
        let bench = Bench(World())
        let browser = try Self.known(bench)
        let request = browser.request(.script("GET", "/"))
        for _ in 0..<200 {
            bench.world.pass(seconds: 7)
            // The bench complains of a recalled answer that is not the full look's.
            _ = bench.ask(request)
        }
        #expect(bench.count("/token") > 2)
        bench.world.pass(seconds: 40_000)
        #expect(bench.recall(request) == nil)
        #expect(bench.ask(request)?.outcome != .forward)
    }

    @Test("COK-11 The store hears of a session's use in time: then a full look is due")
    func touch() throws {
        let bench = Bench(World())
        bench.world.provider.tokenLife = 100_000
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        bench.world.pass(seconds: 330)
        _ = bench.ask(request)
        bench.world.pass(seconds: 29)
        #expect(bench.recall(request) != nil)
        bench.world.pass(seconds: 2)
        #expect(bench.recall(request) == nil)
    }

    @Test("UPS-07 CLM-18 An answer of one policy is none for another, to the same provider")
    func policies() throws {
        let bench = Bench(World()) {
            guard var web = $0.policies["web"], var api = $0.policies["api"] else { return }
            (web.name, web.forwardsToken) = ("twin", false)
            (api.name, api.audiences) = ("strict", ["other"])
            ($0.policies["twin"], $0.policies["strict"]) = (web, api)
        }
        let session = try Self.known(bench).request(.script("GET", "/"))
        #expect(bench.recall(session.under("twin")) == nil)
        let token = bench.world.provider.apiToken()
        let bearer = TestRequest.api(("Authorization", "Bearer " + token))
        _ = bench.ask(bearer)
        #expect(bench.recall(bearer.under("strict")) == nil)
    }

    @Test("A logout on another worker ends what is recalled")
    func logout() throws {
        let world = World()
        let (one, other) = (Bench(world), Bench(world))
        var browser = try Self.known(one)
        let request = browser.request(.script("GET", "/"))
        #expect(one.recall(request) != nil)
        _ = try browser.ask(
            TestRequest(
                method: "POST", target: "/auth/logout",
                headers: [("Sec-Fetch-Site", "same-origin")]), other)
        #expect(one.recall(request) == nil)
        #expect(one.ask(request)?.reason == .sessionUnknown)
    }

    @Test("While somebody writes the session nothing is recalled, and it is read for each request")
    func written() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        bench.isStoreBeingWritten = true
        #expect(bench.ask(request)?.outcome == .forward)
        #expect(bench.recall(request) == nil)
    }

    @Test("CLM-18 A bearer token is recalled until it expires or the keys change; never with more")
    func bearer() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken()
        let request = TestRequest.api(("Authorization", "Bearer " + token))
        #expect(bench.recall(request) == nil)
        #expect(bench.ask(request)?.outcome == .forward)
        #expect(bench.recall(request) != nil)
        for (why, other) in [
            ("a second token", request.with("Authorization", "Bearer " + token)),
            ("a token in the query", { var r = request; r.target = "/v1?access_token=x"; return r }()),
            ("an escaped query", { var r = request; r.target = "/v1?access%5Ftoken=x"; return r }()),
            ("our cookie", request.cookie("__Host-cloakroom=x")),
            ("another token", .api(("Authorization", "Bearer " + token + "x"))),
            ("another policy", request.under("open")),
        ] {
            #expect(bench.recall(other) == nil, "\(why)")
            _ = bench.ask(other)
        }
        bench.world.pass(seconds: 359)
        #expect(bench.recall(request) != nil, "within the leeway")
        bench.world.pass(seconds: 1)
        #expect(bench.recall(request) == nil)
        #expect(bench.ask(request)?.reason.word == "token_expired")
    }

    @Test("KEY-15 KEY-16 New keys end what was recalled of tokens, and so does their hard limit")
    func rotation() throws {
        let bench = Bench(World())
        let token = bench.world.provider.apiToken {
            $0["exp"] = .integer(bench.world.wall + 1_000_000)
        }
        let request = TestRequest.api(("Authorization", "Bearer " + token))
        _ = bench.ask(request)
        #expect(bench.recall(request) != nil)
        bench.world.pass(seconds: 3_700)
        #expect(bench.count("/jwks") == 2)
        #expect(bench.recall(request) == nil)
        _ = bench.ask(request)
        #expect(bench.recall(request) != nil)
        bench.world.provider.script = { _ in .refusedConnection }
        bench.world.pass(seconds: 86_500)
        #expect(bench.recall(request) == nil)
        #expect(bench.ask(request)?.reason == .keysUnavailable)
    }
}
