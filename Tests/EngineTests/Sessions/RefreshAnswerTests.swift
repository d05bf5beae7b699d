import Encodings
import Engine
import HTTPMessages
import OAuth
import Sessions
import Testing

/// What the provider's answer to a refresh means: only a clear refusal ends a session.
@Suite struct RefreshAnswerTests {
    @Test("REF-06 invalid_grant ends the session and clears the cookie")
    func invalidGrant() throws {
        let bench = Bench(World())
        var browser = try RefreshTests.expired(bench)
        bench.world.provider.script = {
            $0.url.hasSuffix("/token") ? .json(["error": "invalid_grant"], 400) : nil
        }
        let decision = try browser.ask(RefreshTests.request, bench)
        #expect(decision.status == 401)
        #expect(decision.reason == .sessionUnknown)
        #expect(browser.session == nil)
        #expect(bench.world.store.table.count == 0)
    }

    @Test("REF-06 A refusal that cannot be stored at first is kept, and stored later")
    func refusalStoredLater() throws {
        let bench = Bench(World())
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = {
            $0.url.hasSuffix("/token") ? .json(["error": "invalid_grant"], 400) : nil
        }
        bench.storeFailure = { if case .refuseRefresh = $0 { .down } else { nil } }
        let id = bench.start(browser.request(RefreshTests.request))
        bench.world.pass(seconds: 2)
        #expect(bench.decisions[id] == nil)
        bench.storeFailure = { _ in nil }
        bench.world.pass(seconds: 2)
        #expect(bench.decisions[id]?.reason == .sessionUnknown)
        #expect(bench.count("/token") == 2)
        #expect(bench.world.store.table.count == 0)
    }

    @Test("REF-07 A setting names further answers that refuse")
    func refusalShape() throws {
        let bench = Bench(World()) {
            $0.providers["idp"]?.client?.refusals = [RefusalShape(status: 400, error: nil)]
        }
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .text("", status: 400) : nil }
        #expect(try RefreshTests.ask(browser, bench).reason == .sessionUnknown)
    }

    static let noRefusal: [(String, FakeProvider.Answer)] = [
        ("500", .text("", status: 500)), ("503", .text("", status: 503)),
        ("HTML 400", .text("<h1>Bad Request</h1>", status: 400)),
        ("an empty 400", .text("", status: 400)),
        ("invalid_client", .json(["error": "invalid_client"], 401)),
        ("429 with invalid_grant", .json(["error": "invalid_grant"], 429)),
        ("500 with invalid_grant", .json(["error": "invalid_grant"], 500)),
        ("invalid_grant by another case", .json(["error": "Invalid_Grant"], 400)),
        ("no connection", .refusedConnection), ("a redirect", .text("", status: 302)),
    ]

    @Test(
        "REF-06 REF-07 REF-13 What is no clear refusal keeps the session: a pause, another try",
        arguments: noRefusal)
    func kept(name: String, answer: FakeProvider.Answer) throws {
        let bench = Bench(World())
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? answer : nil }
        let first = try RefreshTests.ask(browser, bench)
        #expect(first.status == 503)
        #expect(first.reason == .refreshFailed)
        #expect(first.header("Retry-After") != nil)
        #expect(first.setCookies.isEmpty)
        // No storm: within the pause nobody is asked.
        for _ in 0..<100 { #expect(try RefreshTests.ask(browser, bench).status == 503) }
        #expect(bench.count("/token") == 2)
        // The token was certainly not taken: it may be presented as often as need be.
        for _ in 0..<5 {
            bench.world.pass(seconds: 31)
            #expect(try RefreshTests.ask(browser, bench).status == 503)
        }
        bench.world.provider.script = { _ in nil }
        bench.world.pass(seconds: 31)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
    }

    @Test("REF-07 A page is offered to sign in again when a refresh fails, in the pause, too")
    func offersLogin() throws {
        let bench = Bench(World())
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .text("", status: 400) : nil }
        for _ in 0..<2 {
            let page = try #require(bench.ask(browser.request(.page("/a"))))
            #expect(page.status == 503)
            #expect(page.body.string.contains("href=\"/auth/login?return_to=%2Fa\""))
        }
    }

    @Test("REF-13 A session whose refresh failed pauses by itself, a sick provider for all")
    func pauses() throws {
        let bench = Bench(World())
        let (browser, other) = (try Browser.signedIn(bench), try Browser.signedIn(bench))
        bench.world.pass(seconds: 301)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .text("", status: 500) : nil }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        bench.world.pass(milliseconds: 70)
        #expect(try RefreshTests.ask(other, bench).status == 503)
        #expect(bench.count("/token") == 3)
        bench.world.pass(milliseconds: 40)
        #expect(try RefreshTests.ask(other, bench).status == 503)
        #expect(bench.count("/token") == 4)
        bench.world.pass(milliseconds: 250)
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        #expect(bench.count("/token") == 4)
        bench.world.pass(milliseconds: 400)
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        #expect(bench.count("/token") == 5)
    }

    @Test("REF-06 Before its expiry the old token serves through a failing refresh")
    func failsEarly() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .text("", status: 500) : nil }
        bench.world.pass(seconds: 275)
        for _ in 0..<20 {
            let decision = try RefreshTests.ask(browser, bench)
            #expect(decision.outcome == .forward)
            #expect(RefreshTests.token(decision) == "Bearer access-1")
        }
        #expect(bench.count("/token") == 2)
    }

    static let unknown: [(String, FakeProvider.Answer)] = [
        ("a time-out", .timeout), ("502", .text("", status: 502)), ("504", .text("", status: 504)),
        ("200 without JSON", .text("<p>", status: 200)),
        ("200 without a token", .json(["token_type": "Bearer"])),
    ]

    @Test(
        "REF-05 A refresh whose outcome is unknown presents the token once more, no more",
        arguments: unknown)
    func unknownOutcome(name: String, answer: FakeProvider.Answer) throws {
        let bench = Bench(World())
        var browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? answer : nil }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        #expect(bench.count("/token") == 2)
        bench.world.pass(seconds: 31)
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        #expect(bench.count("/token") == 3)
        #expect(bench.hasLogged("presented once more", .warning))
        for _ in 0..<3 {
            bench.world.pass(seconds: 31)
            let decision = try RefreshTests.ask(browser, bench)
            #expect(decision.status == 401)
            #expect(decision.reason == .refreshOutcomeUnknown)
        }
        #expect(bench.count("/token") == 3)
        // It is never stuck: a login takes its place.
        bench.world.provider.script = { _ in nil }
        _ = try browser.signIn(bench)
        #expect(try RefreshTests.ask(browser, bench).outcome == .forward)
        #expect(bench.world.store.table.count == 1)
    }

    @Test("REF-05 The second presentation may succeed", arguments: unknown)
    func secondPresentation(name: String, answer: FakeProvider.Answer) throws {
        let bench = Bench(World())
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? answer : nil }
        _ = try RefreshTests.ask(browser, bench)
        bench.world.provider.script = { _ in nil }
        bench.world.pass(seconds: 31)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
        #expect(
            bench.forms("/token").compactMap { $0["refresh_token"] } == ["refresh-1", "refresh-1"])
    }

    @Test("REF-05 By setting an unknown outcome is not presented again")
    func neverAgain() throws {
        let bench = Bench(World()) {
            $0.providers["idp"]?.client?.presentsUnknownOutcomeAgain = false
        }
        let browser = try RefreshTests.expired(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .timeout : nil }
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        bench.world.pass(seconds: 31)
        #expect(try RefreshTests.ask(browser, bench).reason == .refreshOutcomeUnknown)
        #expect(bench.count("/token") == 2)
    }

    @Test("REF-05 An outcome that stays unknown makes no storm on store and log")
    func unknownEarly() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.world.provider.script = { $0.url.hasSuffix("/token") ? .timeout : nil }
        bench.world.pass(seconds: 271)
        for _ in 0..<3 {
            #expect(try RefreshTests.ask(browser, bench).outcome == .forward)
            bench.world.pass(seconds: 2)
        }
        let before = (bench.commands.count, bench.log.count)
        for _ in 0..<100 { #expect(try RefreshTests.ask(browser, bench).outcome == .forward) }
        #expect(bench.count("/token") == 3)
        #expect(bench.commands.count - before.0 <= 2)
        #expect(bench.log.count - before.1 <= 1)
    }

    @Test("REF-05 The next owner presents a dead owner's token once more, after its lease")
    func deadOwner() throws {
        let world = World()
        let (dead, living) = (Bench(world), Bench(world, owner: 2))
        let browser = try RefreshTests.expired(dead)
        world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        dead.start(browser.request(RefreshTests.request))
        world.provider.script = { _ in nil }
        let id = living.start(browser.request(RefreshTests.request))
        world.pass(seconds: 74)
        #expect(living.decisions[id]?.reason == .refreshPending)
        #expect(living.count("/token") == 0)
        world.pass(seconds: 2)
        #expect(living.count("/token") == 1)
        #expect(living.hasLogged("presented once more"))
        #expect(RefreshTests.token(try RefreshTests.ask(browser, living)) == "Bearer access-2")
    }

    @Test("A refusal that comes after the lease was taken over ends nothing")
    func lateRefusal() throws {
        let world = World()
        let (slow, quick) = (Bench(world), Bench(world, owner: 2))
        let browser = try RefreshTests.expired(slow)
        world.provider.script = { $0.url.hasSuffix("/token") ? .held : nil }
        slow.start(browser.request(RefreshTests.request))
        world.pass(seconds: 76)
        world.provider.script = { _ in nil }
        // Waits for the slow one's flight; the quick one meanwhile takes over and renews.
        let late = slow.start(browser.request(RefreshTests.request))
        #expect(RefreshTests.token(try RefreshTests.ask(browser, quick)) == "Bearer access-2")
        world.provider.script = {
            $0.url.hasSuffix("/token") ? .json(["error": "invalid_grant"], 400) : nil
        }
        slow.release()
        let decision = try #require(slow.decisions[late])
        #expect(decision.outcome == .forward)
        #expect(RefreshTests.token(decision) == "Bearer access-2")
        #expect(world.store.table.count == 1)
    }

    @Test("A store that is down lets nobody out: 503, and no refresh without a lease")
    func storeDown() throws {
        let bench = Bench(World())
        let browser = try RefreshTests.expired(bench)
        _ = bench.ask(browser.request(.script("GET", "/auth/session")))
        bench.storeFailure = { _ in .down }
        let decision = try RefreshTests.ask(browser, bench)
        #expect(decision.status == 503)
        #expect(decision.reason == .storeUnavailable)
        #expect(decision.setCookies.isEmpty)
        #expect(bench.count("/token") == 1)
        bench.storeFailure = { _ in nil }
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
    }

    @Test("A provider that is not known yet is no reason to take a lease")
    func noMetadata() throws {
        let world = World()
        let browser = try RefreshTests.expired(Bench(world))
        world.provider.script = { _ in .refusedConnection }
        world.isForgetful = true
        let bench = Bench(world, owner: 2)
        #expect(try RefreshTests.ask(browser, bench).status == 503)
        #expect(!bench.commands.contains { if case .beginRefresh = $0 { true } else { false } })
        world.provider.script = { _ in nil }
        world.pass(seconds: 31)
        #expect(RefreshTests.token(try RefreshTests.ask(browser, bench)) == "Bearer access-2")
    }

    @Test("HYG-05 REF-11 No log line shows a token; a refresh token goes to its endpoint only")
    func canary() throws {
        let refusal = FakeProvider.Answer.json(["error": "invalid_grant"], 400)
        for answer in (Self.noRefusal + Self.unknown).map(\.1) + [refusal] {
            let bench = Bench(World())
            let browser = try RefreshTests.expired(bench)
            bench.world.provider.script = { $0.url.hasSuffix("/token") ? answer : nil }
            let decision = try RefreshTests.ask(browser, bench)
            #expect(!"\(decision)".contains("refresh-1"))
            for line in bench.log {
                #expect(!line.text.string.contains("access-1"))
                #expect(!line.text.string.contains("refresh-1"))
            }
            for request in bench.sent where !request.url.hasSuffix("/token") {
                #expect(!request.body.string.contains("refresh-1"))
            }
        }
    }
}
