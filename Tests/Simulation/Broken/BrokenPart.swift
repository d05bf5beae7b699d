import Sessions

/// What can be broken on purpose, to see that it is noticed.
enum BrokenPart: String, CaseIterable {
    /// Every lease is granted, whoever holds it.
    case lease
    /// New tokens are shown to everyone before they are written.
    case persist
    /// No write moves a stamp.
    case stamp
    /// Nobody counts how often a refresh token was presented.
    case intent
    /// What is kept of the provider's documents is lost.
    case keeping

    var sentence: String {
        switch self {
        case .lease: "a store that grants every lease"
        case .persist: "a store that shows new tokens before it has written them"
        case .stamp: "a board whose stamps never move"
        case .keeping: "a store that loses what it keeps of the provider"
        case .intent: "a store that forgets which refresh tokens were presented"
        }
    }

    /// The command as a broken store would take it.
    func bent(_ command: StoreCommand) -> StoreCommand {
        guard
            case .beginRefresh(let key, let generation, let owner, let lease, let limit, let now) =
                command
        else { return command }
        return .beginRefresh(
            key, generation: generation, owner: self == .lease ? 1 : owner,
            leaseMilliseconds: lease, presentations: self == .intent ? .max : limit, now: now)
    }
}

/// A board that nobody writes to.
struct StoppedBoard: StampBoard {
    func stamp(of key: RowKey) -> UInt64 { 0 }

    static func unstamped(_ reply: StoreReply) -> StoreReply {
        if case .row(let row, _) = reply { .row(row, stamp: 0) } else { reply }
    }
}
