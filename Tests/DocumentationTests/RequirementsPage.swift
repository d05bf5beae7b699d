import Foundation

/// Requirements, who tests them, and what is missing: a page of the catalog.
struct RequirementsPage {
    private let requirements: Requirements
    private let names: TestNames
    private var tests: [String: [String]] = [:]
    private var vectorCounts: [String: Int] = [:]

    init(requirements: Requirements, names: TestNames) {
        (self.requirements, self.names) = (requirements, names)
        for test in names.tests {
            for id in test.requirements { tests[id, default: []].append(test.shown) }
        }
        for row in requirements.sections.flatMap(\.rows) {
            tests[row.id, default: []] += row.tests + row.properties.map { "Simulation: \($0)" }
            guard !row.vectors.isEmpty else { continue }
            vectorCounts[row.id] = names.vectors.count { name in
                row.vectors.contains { $0.matches(name) }
            }
        }
    }

    private func tests(of row: Requirement) -> [String] { tests[row.id] ?? [] }
    private func vectorCount(of row: Requirement) -> Int { vectorCounts[row.id] ?? 0 }

    private func status(of row: Requirement) -> String {
        let status =
            switch (tests(of: row).isEmpty, vectorCount(of: row), row.note) {
            case (false, _, .pending(let name)): "tested, pending \(name)"
            case (false, _, _): "tested"
            case (true, 1..., _): "tested by vectors only"
            case (true, _, .outside(let reason)): "does not apply: \(reason)"
            case (true, _, .later(let reason)): "not yet: \(reason)"
            case (true, _, .pending(let name)): "pending \(name)"
            case (true, _, nil): "no test"
            }
        return row.remark.map { "\(status); \($0)" } ?? status
    }

    // What is wrong with the table

    var mistakes: [String] {
        let rows = requirements.sections.flatMap(\.rows)
        let known = Set(rows.map(\.id)).union(names.properties)
        var found = requirements.mistakes
        for test in names.tests {
            for id in test.requirements where !known.contains(id) {
                found.append("\(test.shown) names \(id), which is no requirement")
            }
        }
        for id in names.mutants.keys.sorted() where !known.contains(id) {
            found.append("mutants name \(id), which is no requirement")
        }
        let shown = Set(names.tests.map(\.shown))
        for section in requirements.sections {
            for row in section.rows {
                found += mistakes(of: row, isStrict: section.isStrict, shown).map {
                    "\(row.id): \($0)"
                }
            }
        }
        return found
    }

    private func mistakes(
        of row: Requirement, isStrict: Bool, _ shown: Set<String>
    ) -> [String] {
        var found: [String] = []
        for test in row.tests where !shown.contains(test) { found.append("no test \(test)") }
        for property in row.properties where !names.properties.contains(property) {
            found.append("no property \(property)")
        }
        for vectors in row.vectors where !names.vectors.contains(where: vectors.matches) {
            found.append("no vector \(vectors.words)")
        }
        let isTested = !tests(of: row).isEmpty || vectorCount(of: row) > 0
        switch row.note {
        case .later where isStrict && !isTested: found.append("must be tested, or not apply")
        case .outside where isStrict && isTested: found.append("applies: it has a test")
        case nil where !isTested && isStrict: found.append("has no test")
        default: break
        }
        return found
    }

    // The table

    var markdown: String {
        requirements.sections.map { section in
            let heading = "## \(section.title)\n\n"
            let head = "| | Requirement | Source | Status | Tests |\n|---|---|---|---|---|\n"
            return heading + head + section.rows.map(line).joined()
        }.joined(separator: "\n")
    }

    private func line(_ row: Requirement) -> String {
        var cells = tests(of: row)
        let count = vectorCount(of: row)
        if count > 0 { cells.append("Vectors: \(count)") }
        if let mutants = names.mutants[row.id] {
            cells.append("Mutants: \(mutants.joined(separator: ", "))")
        }
        let tests = cells.joined(separator: " · ").replacingOccurrences(of: "|", with: "\\|")
        return "| \(row.id) \(row.strength) | \(row.sentence) | \(row.source)"
            + " | \(status(of: row)) | \(tests) |\n"
    }
}
