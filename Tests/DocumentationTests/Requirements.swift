import Foundation

/// What the standards ask of us, as Tests/Requirements lists it; its README tells the form.
struct Requirements {
    struct Section {
        /// With its letter: "A. Token format".
        let title: String
        var rows: [Requirement] = []

        var letter: Character { title.first ?? " " }
        /// Each of these must be tested, or say why it does not apply.
        var isStrict: Bool { "ABCDEFGHJUV".contains(letter) }
    }

    private(set) var sections: [Section] = []
    private(set) var mistakes: [String] = []

    static func read() throws -> Requirements {
        let folder = "Tests/Requirements"
        let names = try FileManager.default
            .contentsOfDirectory(atPath: Documents.top.appendingPathComponent(folder).path)
        return Requirements(
            try names.filter { $0.hasSuffix(".txt") }.sorted().map {
                (name: $0, text: try Documents.read("\(folder)/\($0)"))
            })
    }

    init(_ files: [(name: String, text: String)]) {
        for file in files {
            for (number, line) in file.text.split(separator: "\n", omittingEmptySubsequences: false)
                .enumerated()
            where !line.isEmpty {
                guard !read(line) else { continue }
                mistakes.append("\(file.name), line \(number + 1): \(line)")
            }
        }
        let identifiers = sections.flatMap(\.rows).map(\.id)
        if Set(identifiers).count != identifiers.count { mistakes.append("an ID stands twice") }
    }

    private mutating func read(_ line: Substring) -> Bool {
        if line.hasPrefix("# ") {
            sections.append(Section(title: String(line.dropFirst(2))))
            return true
        }
        guard var section = sections.popLast() else { return false }
        defer { sections.append(section) }
        if line.hasPrefix("    ") { return section.rows.last?.take(line.dropFirst(4)) ?? false }
        if line.hasPrefix("all ") {
            for row in section.rows where row.note == nil { _ = row.take(line.dropFirst(4)) }
            return true
        }
        guard let row = Requirement(line) else { return false }
        section.rows.append(row)
        return true
    }
}

/// A row of the table.
final class Requirement {
    enum Note: Equatable {
        /// The feature is not there, or the standard leaves the choice.
        case outside(String)
        case later(String)
        /// Who works on it now.
        case pending(String)
    }

    let id: String
    /// M for MUST, S for SHOULD, P for what we ask of ourselves.
    let strength: String
    let sentence: String
    let source: String
    private(set) var note: Note?
    private(set) var remark: String?
    private(set) var vectors: [VectorNames] = []
    /// Properties of Tests/Simulation.
    private(set) var properties: [String] = []
    /// Tests that do not name the requirement themselves.
    private(set) var tests: [String] = []

    /// - Parameter line: `ID STRENGTH | sentence | source`
    init?(_ line: Substring) {
        let cells = line.split(separator: "|").map { $0.trimmed }
        guard cells.count == 3 else { return nil }
        let words = cells[0].split(separator: " ").map(String.init)
        guard words.count == 2, TestName.isIdentifier(words[0]), "MSP".contains(words[1]) else {
            return nil
        }
        (id, strength, sentence, source) = (words[0], words[1], cells[1], cells[2])
    }

    func take(_ line: Substring) -> Bool {
        func rest(_ beginning: String) -> String? {
            line.hasPrefix(beginning) ? line.dropFirst(beginning.count).trimmed : nil
        }
        if let text = rest("does not apply:") {
            note = .outside(text)
        } else if let text = rest("not yet:") {
            note = .later(text)
        } else if let text = rest("pending ") {
            note = .pending(text)
        } else if let text = rest("remark:") {
            remark = text
        } else if let text = rest("vectors ") {
            vectors += text.split(separator: " ").map { VectorNames(String($0)) }
        } else if let text = rest("simulation ") {
            properties += text.split(separator: " ").map(String.init)
        } else if let text = rest("test ") {
            tests.append(text)
        } else {
            return false
        }
        return true
    }
}

/// Some records of Tests/Vectors: "own-dev-013", "wps-ecdsa" or "own-dev-036..041".
struct VectorNames {
    let words: String
    private let prefix: String
    private let numbers: ClosedRange<Int>?

    init(_ words: String) {
        self.words = words
        if let dots = words.range(of: ".."), let last = Int(words[dots.upperBound...]) {
            let first = words[..<dots.lowerBound].suffix(while: { $0.isNumber })
            prefix = String(words[..<first.startIndex])
            numbers = Int(first).flatMap { $0 <= last ? $0...last : nil }
        } else {
            (prefix, numbers) = (words, nil)
        }
    }

    func matches(_ name: String) -> Bool {
        guard name.hasPrefix(prefix) else { return false }
        guard let numbers else { return true }
        let digits = name.dropFirst(prefix.count).prefix { $0.isNumber }
        return Int(digits).map(numbers.contains) ?? false
    }
}

extension Substring {
    /// The longest end of which that is true throughout.
    fileprivate func suffix(while holds: (Character) -> Bool) -> Substring {
        suffix(reversed().prefix(while: holds).count)
    }


    var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
