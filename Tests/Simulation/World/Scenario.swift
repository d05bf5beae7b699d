/// What kind of world a seed makes: its settings, its people and its misfortunes.
struct Scenario {
    enum Kind { case life, herd }
    /// What the provider does with a refresh token that was used before.
    enum Reuse: CaseIterable { case endsFamily, forgivesForAWhile, forgives, neverRotates }

    var kind = Kind.life
    var workers = 2
    var people = 1
    /// Milliseconds: how long misfortunes go on.
    var trouble: Int64 = 0

    // Settings of the engines.
    var refreshWindow: Int64 = 10
    var idleTimeout: Int64 = 600
    var absoluteTimeout: Int64 = 3_600
    var memoryAge: Int64 = 60
    var patience: Int64 = 5_000
    var exchangeTimeout: Int64 = 60_000
    var presentsAgain = true

    // The provider.
    var reuse = Reuse.endsFamily
    var accessLifetime: Int64 = 15
    var givesIDTokens = true
    var idLifetime: Int64 = 300
    var dropsOldKeys = false

    // Misfortunes, as chances.
    var faults = Faults()

    struct Faults {
        /// Of each exchange; which kind is another throw.
        var network = 0.0
        var slowAnswers = 0.0
        /// Of each store command.
        var store = 0.0
        /// Of an outage of store or provider, each few seconds.
        var storeOutage = 0.0
        var providerOutage = 0.0
        /// Of each action that a worker performs.
        var crash = 0.0
        /// Of each request: that its client goes away.
        var abort = 0.0
        var logout = 0.0
        /// Each few seconds.
        var clockJump = 0.0
        var keyRotation = 0.0
        /// Of each refresh: the provider speaks of someone else.
        var wrongIdentity = 0.0
        var familyEnd = 0.0
        /// Of each refresh: its answer has no ID token, though others have.
        var missingIDToken = 0.0
        /// Random bytes fail one time in so many; 0: never.
        var randomOneIn: UInt64 = 0
        /// An input is handed to the engine a second time.
        var repeatedInput = 0.0

        static let none = Faults()
        var sparesStore: Bool { store == 0 && storeOutage == 0 }
    }

    /// The longest a store command takes, each way.
    var storeDelay: Int64 = 20

    init(seed: UInt64, _ dice: Dice) {
        if seed % 8 == 0 { makeHerd(dice) } else { makeLife(dice) }
    }

    /// An access token expires, and then everybody comes at once; nothing fails.
    private mutating func makeHerd(_ dice: Dice) {
        kind = .herd
        workers = 2
        accessLifetime = 30
        refreshWindow = 5
        reuse = dice.pick(Reuse.allCases)
        givesIDTokens = dice.chance(0.5)
        faults.slowAnswers = dice.chance(0.5) ? 1 : 0
        faults.abort = dice.pick([0, 0.3])
    }

    private mutating func makeLife(_ dice: Dice) {
        workers = dice.pick([1, 2, 2, 2, 3])
        people = dice.pick([1, 1, 2, 3])
        trouble = dice.between(40_000, 120_000)
        accessLifetime = dice.pick([3, 6, 15, 40])
        refreshWindow = dice.pick([1, 5, 20])
        idleTimeout = dice.pick([40, 100, 600])
        absoluteTimeout = dice.pick([90, 300, 3_600])
        memoryAge = dice.pick([2, 20, 60])
        patience = dice.pick([1_500, 3_000, 5_000])
        exchangeTimeout = dice.pick([4_000, 10_000, 30_000])
        presentsAgain = dice.chance(0.85)
        reuse = dice.pick(Reuse.allCases)
        givesIDTokens = dice.chance(0.6)
        idLifetime = dice.pick([2, 300])
        dropsOldKeys = dice.chance(0.5)
        storeDelay = dice.pick([1, 20, 100])
        faults = makeFaults(dice)
    }

    /// Each kind is absent from about half of the worlds, so that the others show by themselves.
    private func makeFaults(_ dice: Dice) -> Faults {
        func maybe(_ most: [Double]) -> Double { dice.chance(0.5) ? 0 : dice.pick(most) }
        var faults = Faults()
        faults.network = maybe([0.02, 0.1, 0.4])
        faults.slowAnswers = maybe([0.1, 0.5])
        faults.store = maybe([0.01, 0.05, 0.25])
        faults.storeOutage = maybe([0.05, 0.2])
        faults.providerOutage = maybe([0.05, 0.2])
        faults.crash = maybe([0.001, 0.005, 0.02])
        faults.abort = maybe([0.05, 0.3])
        faults.logout = maybe([0.02, 0.1])
        faults.clockJump = dice.chance(0.8) ? 0 : 0.1
        faults.keyRotation = maybe([0.05, 0.2])
        faults.wrongIdentity = dice.chance(0.8) ? 0 : 0.05
        faults.familyEnd = dice.chance(0.8) ? 0 : 0.05
        faults.missingIDToken = maybe([0.3])
        faults.randomOneIn = dice.chance(0.85) ? 0 : 50
        faults.repeatedInput = maybe([0.05])
        return faults
    }
}
