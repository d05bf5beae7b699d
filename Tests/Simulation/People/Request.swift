import Encodings
import Sessions

/// One request of a browser, until it has its answer.
final class Request {
    enum Purpose { case page, info, login, callback, logout }
    enum Fate { case waiting, decided, cancelled, crashed, turnedAway }

    let number: UInt64
    let purpose: Purpose
    unowned let person: Person
    let isNavigation: Bool
    /// The session that its cookie names.
    let key: RowKey?
    let startedAt: Int64
    let startedStep: Int
    var fate = Fate.waiting
    weak var worker: Worker?
    /// Carries a copy of a cookie that the browser itself no longer has.
    let isStolen: Bool
    /// For requests whose session needed no refresh when they began.
    var mustBeQuick = false
    var wasServed = false

    init(
        _ number: UInt64, _ purpose: Purpose, of person: Person, isNavigation: Bool,
        key: RowKey?, isStolen: Bool, _ world: World
    ) {
        self.number = number
        self.purpose = purpose
        self.person = person
        self.isNavigation = isNavigation
        self.key = key
        self.isStolen = isStolen
        startedAt = world.time
        startedStep = world.step
    }
}
