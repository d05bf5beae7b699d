import Configuration
import Encodings
import Engine
import Sessions
import Testing

@Suite struct CoreTests {
    @Test("A request that is decided from memory asks for nothing")
    func hotPath() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        _ = bench.ask(request)
        let before = (bench.commands.count, bench.sent.count, bench.jobs)
        for _ in 0..<100 { #expect(bench.ask(request)?.outcome == .forward) }
        #expect(bench.commands.count == before.0)
        #expect(bench.sent.count == before.1)
        #expect(bench.jobs == before.2)
    }

    @Test("What a worker remembers is read anew after a minute, whatever the stamp says")
    func memoryAge() throws {
        let bench = Bench(World())
        func readings() -> Int {
            bench.commands.filter { if case .read = $0 { true } else { false } }.count
        }
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        _ = bench.ask(request)
        bench.world.pass(seconds: 59)
        _ = bench.ask(request)
        #expect(readings() == 1)
        bench.world.pass(seconds: 1)
        _ = bench.ask(request)
        #expect(readings() == 2)
    }

    @Test("CLM-17 A clock that is set back keeps no memory and no key alive for longer")
    func clockSetBack() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        _ = bench.ask(request)
        func readings() -> Int {
            bench.commands.filter { if case .read = $0 { true } else { false } }.count
        }
        bench.world.clockShift = -3_600
        bench.world.pass(seconds: 61)
        _ = bench.ask(request)
        #expect(readings() == 2)

        bench.world.provider.script = { _ in .refusedConnection }
        let token = bench.world.provider.apiToken { $0["exp"] = .integer(2_000_000_000) }
        let api = TestRequest.api(("Authorization", "Bearer " + token))
        #expect(bench.ask(api)?.outcome == .forward)
        bench.world.clockShift = -100_000
        bench.world.pass(seconds: 86_400)
        #expect(bench.ask(api)?.reason == .keysUnavailable)
    }

    @Test("While somebody writes, a session is read for each request: a memory of then is none")
    func oddStamp() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        func readings() -> Int {
            bench.commands.filter { if case .read = $0 { true } else { false } }.count
        }
        bench.isStoreBeingWritten = true
        for _ in 0..<3 { #expect(bench.ask(request)?.outcome == .forward) }
        #expect(readings() == 3)
        bench.isStoreBeingWritten = false
        for _ in 0..<3 { #expect(bench.ask(request)?.outcome == .forward) }
        #expect(readings() == 4)
    }

    @Test("Requests that come together read the row once")
    func oneReading() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = browser.request(.script("GET", "/"))
        bench.holdsCommand = { if case .read = $0 { true } else { false } }
        let ids = (0..<10).map { _ in bench.start(request) }
        #expect(bench.heldCount == 1)
        bench.release()
        #expect(ids.allSatisfy { bench.decisions[$0]?.outcome == .forward })
    }

    @Test("The store hears of a session's use about ten times within its idle time")
    func touches() throws {
        let world = World()
        world.provider.tokenLife = 100_000
        let bench = Bench(world)
        let browser = try Browser.signedIn(bench)
        for _ in 0..<720 {
            world.pass(seconds: 5)
            #expect(bench.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
        }
        let touches = bench.commands.filter { if case .touch = $0 { true } else { false } }.count
        #expect((8...12).contains(touches))
    }

    @Test("A request whose store does not answer gets 503 in time; a late answer harms nothing")
    func slowStore() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        bench.holdsCommand = { _ in true }
        let id = bench.start(browser.request(.script("GET", "/")))
        bench.world.pass(seconds: 5)
        #expect(bench.decisions[id]?.reason == .storeUnavailable)
        bench.release()
        #expect(bench.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
    }

    @Test("An answer to an unknown ticket, or a second one, is nobody's")
    func strangeTickets() {
        var core = EngineCore(.forTests, owner: 1)
        let now = Moment(wall: 1, monotonic: 1)
        var tickets: [EffectTicket] = []
        for action in core.begin(now) {
            if case .perform(let ticket, _) = action { tickets.append(ticket) }
        }
        #expect(core.resume(EffectTicket(999), .fired, now).isEmpty)
        for ticket in tickets { _ = core.resume(ticket, .reply(.gone), now) }
        for ticket in tickets { #expect(core.resume(ticket, .reply(.done), now).isEmpty) }
    }

    @Test("COK-18 Rows and spent states past their time are swept in the background")
    func sweep() throws {
        let bench = Bench(World())
        _ = try Browser.signedIn(bench)
        bench.world.pass(seconds: 3_700)
        #expect(bench.world.store.table.count == 0)
        let sweeps = bench.commands.filter { if case .sweep = $0 { true } else { false } }.count
        #expect((55...65).contains(sweeps))
    }

    @Test("Every reason word is lower case and stands for one reason")
    func reasons() {
        let words = Reason.all.map(\.word)
        #expect(Set(words).count == words.count)
        for word in words {
            #expect(word.bytes.allSatisfy { (0x61...0x7A).contains($0) || $0 == 0x5F })
        }
    }
}
