/// An ordinary life: people come and go, things go wrong for a while, then nothing does.
struct Life {
    private unowned let world: World

    init(_ world: World) { self.world = world }

    func begin() {
        for person in world.people { goOn(person, after: world.dice.between(0, 3_000)) }
        world.after(world.dice.between(0, 3_000)) { call() }
        misfortune()
        world.after(world.scenario.trouble) { [unowned world] in world.endTrouble() }
    }

    private var isTroubled: Bool { world.time < world.scenario.trouble }

    private func goOn(_ person: Person, after pause: Int64) {
        world.after(pause) {
            person.act()
            goOn(person, after: nextPause)
        }
    }

    /// A program that comes with access tokens, again and again.
    private func call() {
        Call.make(world)
        world.after(world.dice.delay(100, 4_000)) { call() }
    }

    private var nextPause: Int64 {
        guard isTroubled else { return world.dice.between(3_000, 9_000) }
        return world.dice.chance(0.03)
            ? world.dice.between(10_000, 60_000) : world.dice.delay(50, 8_000)
    }

    // MARK: What befalls everyone

    private func misfortune() {
        guard isTroubled else { return }
        let faults = world.faults
        if world.dice.chance(faults.storeOutage) {
            world.note("world") { "the store is out of reach" }
            world.store.isDown = true
            world.after(world.dice.delay(100, 60_000)) { [unowned world] in
                world.store.isDown = false
                world.note("world") { "the store is back" }
            }
        }
        if world.dice.chance(faults.providerOutage) {
            world.note("world") { "the provider is out of reach" }
            world.network.isDown = true
            world.after(world.dice.delay(100, 40_000)) { [unowned world] in
                world.network.isDown = false
                world.note("world") { "the provider is back" }
            }
        }
        if world.dice.chance(faults.keyRotation) { world.provider.rotateKey() }
        if world.dice.chance(faults.clockJump) {
            world.jumpClock(world.dice.pick([-1, 1]) * world.dice.delay(1, 400))
        }
        world.after(world.dice.between(1_000, 5_000)) { misfortune() }
    }
}

/// One session on two engines whose access token expires while nobody asks; then 200 requests.
struct Herd {
    static let size = 200
    private unowned let world: World

    init(_ world: World) { self.world = world }

    func begin() {
        world.after(500) { [unowned world] in world.people.first?.act() }
        // Both engines shall remember the session before it expires.
        for moment in [8_000, 8_100, 8_200, 8_300] as [Int64] {
            world.after(moment) { [unowned world] in
                world.people.first?.openPage(on: world.workers[Int(moment / 100 % 2)])
            }
        }
        world.after(15_000) { come() }
    }

    private func come() {
        guard let person = world.people.first, let key = person.sessionKey,
            let record = world.ledger.session(key)
        else {
            world.ledger.expect(.oneRefresh, false) { "nobody is signed in when the herd comes" }
            return
        }
        let wait = max(0, record.accessExpiry - world.wall) * 1_000 + world.dice.between(0, 900)
        let isAtOnce = world.dice.chance(0.3)
        world.note("world") { "the herd comes in \(wait) ms" }
        world.ledger.herd = Ledger.Herd(key: key, from: record.generation)
        for number in 0..<Self.size {
            world.after(wait + (isAtOnce ? 0 : world.dice.between(0, 300))) { [unowned world] in
                person.openPage(on: world.workers[number % world.workers.count])
            }
        }
    }
}
