import Configuration
import Encodings
import Engine
import Foundation
import Testing

@Suite("What the documents say is what the code does")
struct DocumentationTests {
    @Test("The README's table of settings is the table of the code")
    func settings() throws {
        try Documents.expect("README.md", "settings", toHold: SettingsTable.markdown.string)
    }

    @Test("Every reason word has an entry without gaps, and every entry a word")
    func reasons() throws {
        let page = try Documents.read("\(Documents.catalog)/Reasons.md")
        let entries = page.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("| `") else { return nil }
            return String(line.dropFirst(3).prefix { $0 != "`" })
        }
        #expect(Set(entries).count == entries.count, "an entry stands there twice")
        #expect(Set(entries) == Set(Reason.all.map(\.word.string)))
        #expect(Set(Reason.all.map(\.word)).count == Reason.all.count, "a word is used twice")
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.dropFirst().dropLast()
                .split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(
                cells.count == 4 && cells.allSatisfy { !$0.isEmpty },
                "what happened, what the user sees and what to do: \(line)")
        }
    }

    @Test("The list of symbols is the header's")
    func symbols() throws {
        let header = try Documents.read("Include/cloakroom.h")
        let declared = Set(
            header.matches(of: #/\b(cloakroom_[a-z_]+)\(/#).map { String($0.output.1) })
        let page = try Documents.read("\(Documents.catalog)/Symbols.md")
        let listed = page.matches(of: #/(?m)^\| `(cloakroom_[a-z_]+)` \| \d+\.\d+\.\d+ \|$/#).map {
            String($0.output.1)
        }
        #expect(Set(listed) == declared)
        #expect(listed == listed.sorted(), "the list is in order")
    }

    @Test("Every requirement of the sections on tokens, keys and limits has a test that exists")
    func requirements() throws {
        let page = RequirementsPage(requirements: try Requirements.read(), names: try TestNames())
        #expect(page.mistakes.isEmpty, "\(page.mistakes.joined(separator: "\n"))")
        try Documents.expect(
            "\(Documents.catalog)/Requirements.md", "requirements", toHold: page.markdown)
    }

    @Test("Links between the documents lead somewhere")
    func links() throws {
        for path in ["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"] {
            let folder = Documents.top.appendingPathComponent(path).deletingLastPathComponent()
            for link in try Documents.read(path).matches(of: #/\]\(([^)#:]+)\)/#) {
                let target = folder.appendingPathComponent(String(link.output.1))
                #expect(
                    FileManager.default.fileExists(atPath: target.standardized.path),
                    "\(path) links to \(link.output.1)")
            }
        }
    }

    @Test("Files and folders that the documents name are there")
    func places() throws {
        let files = try ["Sources", "Tests", "Include", "nginx-example", ".github"].flatMap { top in
            try FileManager.default
                .subpathsOfDirectory(atPath: Documents.top.appendingPathComponent(top).path)
                .map { "\(top)/\($0)" }
        }
        let names = Set(files.compactMap { $0.split(separator: "/").last }).union(["Package.swift"])
        let pages = files.filter { $0.hasSuffix(".md") && !$0.hasPrefix("Tests/Transcripts/") }
        for page in pages + ["README.md"] {
            for match in try Documents.read(page).matches(of: #/`([\w+\/.-]+)`/#) {
                let name = match.output.1
                if name.contains(/^(Sources|Tests|Include|nginx-example)\//) {
                    let isThere = files.contains(String(name))
                    #expect(isThere, "\(page) names \(name)")
                } else if name.contains(/\w\.(swift|md|c|h|py)$/) {
                    let isThere = names.contains(name.split(separator: "/").last ?? "")
                    #expect(isThere, "\(page) names \(name)")
                }
            }
        }
    }
}
