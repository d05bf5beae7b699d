/// What the command line asks for.
struct Options {
    /// Where the command line names none: 2,000 worlds, 300 for a broken part.
    var seeds: Int?
    var from: UInt64 = 1
    var broken: BrokenPart?
    /// A seed whose life is to be told.
    var told: UInt64?
    var wantsHelp = false
    var listsOnly = false
    /// Neither a part to break nor a seed to tell: the whole run.
    var isWhole: Bool { broken == nil && told == nil }

    static let help = """
        Simulation: lives through worlds of several engines, one provider, one store and people,
        each made from a seed, and checks after every step that all is as promised.

          Simulation [--seeds N] [--from S]    worlds S to S+N-1 (default: 2000 from 1), then each
                                               broken part, which must be noticed
          Simulation --break NAME [--seeds N]  worlds with a broken part: how many notice it
                                               (default: 300)
          Simulation --verbose SEED            tells one world's life; with --break, a broken one's
          Simulation --list                    the properties and the parts that can be broken
          Simulation --help                    this

        The closing line is "N passed, N failed".
        """

    struct Mistake: Error { let text: String }

    init(_ arguments: [String]) throws(Mistake) {
        var rest = arguments[...]
        func value(_ name: String, _ rest: inout ArraySlice<String>) throws(Mistake) -> String {
            guard let value = rest.popFirst() else { throw Mistake(text: "\(name) needs a value") }
            return value
        }
        func number(_ name: String, _ rest: inout ArraySlice<String>) throws(Mistake) -> UInt64 {
            let text = try value(name, &rest)
            guard let number = UInt64(text) else {
                throw Mistake(text: "\(name) needs a number, not \"\(text)\"")
            }
            return number
        }
        while let name = rest.popFirst() {
            switch name {
            case "--seeds": seeds = Int(clamping: try number(name, &rest))
            case "--from": from = try number(name, &rest)
            case "--verbose": told = try number(name, &rest)
            case "--break":
                let text = try value(name, &rest)
                guard let part = BrokenPart(rawValue: text) else {
                    let known = BrokenPart.allCases.map(\.rawValue).joined(separator: ", ")
                    throw Mistake(text: "\"\(text)\" cannot be broken; these can: \(known)")
                }
                broken = part
            case "--list": listsOnly = true
            case "--help", "-h": wantsHelp = true
            default: throw Mistake(text: "unknown option \"\(name)\"; see --help")
            }
        }
    }
}
