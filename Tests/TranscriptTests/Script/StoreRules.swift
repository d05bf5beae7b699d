import Encodings
import Foundation
import Sessions

/// How the store behaves, from now on; it works until something else is said.
///
///     commit refresh → unavailable
///     everything → works
///
/// `unavailable`, `lost` (it happens, but nobody hears of it), `nothing yet` (until a later rule),
/// `works`.
struct StoreRules {
    enum Behaviour: String {
        case works, unavailable, lost
        case nothingYet = "nothing yet"
    }
    enum Problem: Error { case line(String) }

    private var rules: [(command: String, behaviour: Behaviour)] = []

    mutating func add(_ lines: [String]) throws {
        for line in lines {
            let halves = line.components(separatedBy: " → ")
            guard halves.count == 2, let behaviour = Behaviour(rawValue: halves[1]) else {
                throw Problem.line("not 'COMMAND → BEHAVIOUR': \(line)")
            }
            rules.append((halves[0], behaviour))
        }
    }

    func behaviour(_ command: StoreCommand) -> Behaviour {
        rules.last { $0.command == "everything" || $0.command == command.verb }?.behaviour ?? .works
    }
}

extension StoreCommand {
    var verb: String {
        switch self {
        case .create: "create"
        case .read: "read"
        case .touch: "touch"
        case .beginRefresh: "begin refresh"
        case .commitRefresh: "commit refresh"
        case .abandonRefresh: "abandon refresh"
        case .refuseRefresh: "refuse refresh"
        case .end: "end"
        case .spend: "spend"
        case .keep: "keep"
        case .readKept: "read kept"
        case .sweep: "sweep"
        }
    }
}
