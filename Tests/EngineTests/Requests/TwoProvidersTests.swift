import Configuration
import Encodings
import Engine
import HTTPMessages
import Testing

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
        (policy.name, policy.provider) = ("other-web", "other")
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
}
