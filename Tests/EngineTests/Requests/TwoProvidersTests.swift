import Configuration
import Encodings
import Engine
import HTTPMessages
import Testing
import TokenForge

/// Two providers guard two hosts, and their cookies have one name: nothing of one is anything at
/// the other, though issuer and client are the same.
@Suite struct TwoProvidersTests {
    private let bench = Bench(World()) { configuration in
        guard var provider = configuration.providers["idp"],
            var policy = configuration.policies["web"]
        else { return }
        provider.name = "other"
        provider.sessions?.origin = "https://other.example"
        configuration.providers["other"] = provider
        (policy.name, policy.providers) = ("other-web", ["other"])
        configuration.policies["other-web"] = policy
    }

    @Test("COK-16 A session that another provider began is none, remembered or read")
    func session() throws {
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/api"))
        for isRemembered in [false, true] {
            #expect(bench.world.store.table.count == 1)
            let decision = try #require(bench.ask(request.under("other-web")))
            #expect(decision.reason == .sessionUnknown, "remembered: \(isRemembered)")
            #expect(bench.ask(request)?.outcome == .forward, "at its own it is one")
        }
        let info = browser.request(.script("GET", "/auth/session")).under("other-web")
        #expect(bench.ask(info)?.json?["authenticated"]?.bool == false)
    }

    @Test("COK-14 COK-15 On one host no upstream gets, or sets, the session of another provider")
    func oneHost() throws {
        let bench = Bench(World()) { configuration in
            guard var provider = configuration.providers["idp"],
                var web = configuration.policies["web"], var api = configuration.policies["api"]
            else { return }
            provider.name = "other"
            provider.sessions?.cookieName = "__Host-other"
            provider.sessions?.prefix = "/other"
            configuration.providers["other"] = provider
            (provider.name, provider.client, provider.sessions) = ("plain", nil, nil)
            configuration.providers["plain"] = provider
            (web.name, web.providers) = ("other-web", ["other"])
            configuration.policies["other-web"] = web
            (api.name, api.providers) = ("plain-api", ["plain"])
            configuration.policies["plain-api"] = api
        }
        let browser = try Browser.signedIn(bench)
        let strange: ByteString = "__Host-other=x; a=1; __Host-other-login-y=z"
        let page = browser.request(.script("GET", "/api"))
        #expect(bench.ask(page)?.outcome == .forward)
        #expect(bench.recall(page) != nil)
        let both = TestRequest.script("GET", "/api").cookie(browser.cookieLine + "; " + strange)
        #expect(bench.recall(both) == nil)
        // A bearer policy of a provider without sessions: nobody knows its host.
        let token = ("Authorization" as ByteString, "Bearer " + bench.world.provider.apiToken())
        let api = TestRequest.api(token).cookie(browser.cookieLine + "; " + strange)
        for request in [both, api, api.under("plain-api")] {
            let decision = try #require(bench.ask(request))
            #expect(decision.outcome == .forward)
            #expect(decision.upstream(request).only("cookie") == "a=1")
            for name: ByteString in ["__Host-other=x", "__Host-cloakroom=x"] {
                #expect(decision.guardedCookies?.isSet(by: name) == true)
            }
            #expect(bench.recall(request) == nil)
        }
    }

    @Test("COK-14 On another host a cookie of that name is somebody else's")
    func otherHost() throws {
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/api"))
        #expect(bench.ask(request)?.guardedCookies?.others.isEmpty == true)
    }

    @Test("CB-04 LOG-11 A login that was begun at another provider ends at its own only")
    func attempt() throws {
        var browser = Browser()
        let callback = try browser.callback(try browser.beginLogin(bench))
        let decision = try browser.ask(callback.under("other-web"), bench)
        #expect(decision.reason == .loginAttemptMissing)
        #expect(browser.session == nil)
        #expect(bench.count("/token") == 0)
        #expect(try browser.ask(callback, bench).reason == .loginCompleted)
    }

    @Test("KEY-13 A key of one issuer checks no token of another, though both have its kid")
    func keys() throws {
        let world = World()
        let (mine, theirs) = (TokenForge(), TokenForge(seed: 2))
        let issuer: ByteString = "https://other.example"
        world.provider.script = { request in
            guard request.url.hasPrefix(issuer) else { return nil }
            return request.url.hasSuffix("/jwks")
                ? .json(["keys": [.object(theirs.jwk)]])
                : .json([
                    "issuer": .string(issuer), "jwks_uri": .string(issuer + "/jwks"),
                    "authorization_endpoint": .string(issuer + "/authorize"),
                    "token_endpoint": .string(issuer + "/token"),
                ])
        }
        let bench = Bench(world) { configuration in
            guard var provider = configuration.providers["idp"],
                var policy = configuration.policies["api"]
            else { return }
            (provider.name, provider.issuer) = ("other", issuer)
            configuration.providers["other"] = provider
            (policy.name, policy.providers) = ("other-api", ["other"])
            configuration.policies["other-api"] = policy
        }
        func reason(_ forge: TokenForge, of named: ByteString, at policy: ByteString) -> ByteString? {
            world.provider.forge = forge
            let token = world.provider.apiToken { $0["iss"] = .string(named) }
            let request = TestRequest.api(("Authorization", "Bearer " + token)).under(policy)
            return bench.ask(request)?.reason.word
        }
        #expect(reason(mine, of: FakeProvider.issuer, at: "api") == "ok")
        #expect(reason(theirs, of: issuer, at: "other-api") == "ok")
        #expect(reason(mine, of: issuer, at: "other-api") == "bad_signature")
        #expect(reason(theirs, of: FakeProvider.issuer, at: "api") == "bad_signature")
        #expect(reason(theirs, of: issuer, at: "api") == "wrong_issuer")
    }
}
