import Engine

/// A whole world in one process and one thread: time, chance, network, provider, store, engines
/// and people.  It belongs to its seed: the same seed lives the same life.
final class World {
    let seed: UInt64
    let scenario: Scenario
    let dice: Dice
    let random: SeededRandom
    let trace: Trace
    let ledger = Ledger()
    let broken: BrokenPart?
    /// What goes wrong now; nothing once the troubled time is over.
    private(set) var faults: Scenario.Faults

    /// Milliseconds; never goes back.
    private(set) var time: Int64 = 0
    /// Counts what has happened: tells apart what happens in the same millisecond.
    private(set) var step = 0
    /// Wall clock less monotonic clock, in seconds; jumps in some worlds.
    private(set) var wallOffset: Int64 = 1_800_000_000
    private(set) var latestWall: Int64 = 1_800_000_000

    private(set) lazy var provider = IdentityProvider(self)
    private(set) lazy var network = Network(self)
    private(set) lazy var store = Store(self)
    private(set) lazy var workers = (0..<scenario.workers).map { Worker($0, self) }
    private(set) lazy var people = (0..<scenario.people).map { Person($0, self) }
    private var agenda = Agenda()

    init(seed: UInt64, breaking broken: BrokenPart?, keepsTrace: Bool) {
        self.seed = seed
        self.broken = broken
        dice = Dice(seed: seed)
        random = SeededRandom(seed: seed)
        scenario = Scenario(seed: seed, dice)
        faults = scenario.faults
        trace = Trace(isKept: keepsTrace)
        random.failOneIn(faults.randomOneIn)
    }

    /// Lives the world's life, until its end or until something is not as promised.
    func live() -> [Violation] {
        ledger.world = self
        for worker in workers { worker.start() }
        switch scenario.kind {
        case .life: Life(self).begin()
        case .herd: Herd(self).begin()
        }
        while ledger.violations.isEmpty, let (due, act) = agenda.next(), due <= end {
            time = max(time, due)
            step += 1
            latestWall = max(latestWall, wall)
            act()
        }
        if ledger.violations.isEmpty { ledger.close() }
        agenda.clear()
        return ledger.violations
    }

    var end: Int64 { scenario.trouble + settling }
    /// Long enough for every lease to end and every pause to be over.
    var settling: Int64 { scenario.exchangeTimeout + 15_000 + 60_000 }

    // MARK: Time

    var now: Moment { Moment(wall: wall, monotonic: time) }
    var wall: Int64 { wallOffset + time / 1_000 }
    /// What clocks elsewhere show: nothing here moves it.
    var trueWall: Int64 { 1_800_000_000 + time / 1_000 }

    func after(_ delay: Int64, _ act: @escaping () -> Void) {
        agenda.enter(at: time + max(0, delay), act)
    }

    func jumpClock(_ seconds: Int64) {
        wallOffset += seconds
        latestWall = max(latestWall, wall)
        note("world") { "the wall clock jumps by \(seconds) s" }
    }

    func endTrouble() {
        faults = .none
        random.failOneIn(0)
        jumpClock(1_800_000_000 - wallOffset)
        network.isDown = false
        store.isDown = false
        note("world") { "nothing goes wrong from now on" }
    }

    func note(_ who: String, _ text: () -> String) { trace.add(time, who, text) }
}
