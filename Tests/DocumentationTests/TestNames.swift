import Foundation

/// A test, as it is called where it stands.
struct TestName: Hashable {
    /// The file, without its ending; or what the name is one of: a mutant, a vector.
    let place: String
    let name: String
    /// The requirements that it says it tests.
    let requirements: [String]

    var shown: String { "\(place): \(name)" }

    /// As "FMT-01" and "CB-02".
    static func isIdentifier(_ word: some StringProtocol) -> Bool {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, 2...3 ~= parts[0].count, parts[1].count == 2 else { return false }
        return parts[0].allSatisfy { "A"..."Z" ~= $0 } && parts[1].allSatisfy { "0"..."9" ~= $0 }
    }

    /// "FMT-01 FMT-02 A sentence": the identifiers, and the sentence.
    static func parted(_ text: some StringProtocol) -> (identifiers: [String], sentence: String) {
        let words = text.split(separator: " ")
        let identifiers = words.prefix { isIdentifier($0) }
        let sentence = words.dropFirst(identifiers.count).joined(separator: " ")
        return (identifiers.map { String($0) }, sentence)
    }
}

/// The tests of the repository, read from their sources.
struct TestNames {
    private(set) var tests: [TestName] = []
    /// Names of mutants, by the requirements that their promises name.
    private(set) var mutants: [String: [String]] = [:]
    private(set) var vectors: [String] = []
    private(set) var properties: Set<String> = []

    init() throws {
        for path in try Self.paths(below: "Tests") {
            let place = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            let folder = path.split(separator: "/").dropFirst().first ?? ""
            switch URL(fileURLWithPath: path).pathExtension {
            case "swift" where folder.hasSuffix("Tests"):
                readSwift(try Documents.read(path), place)
            case "swift" where place == "Property": readProperties(try Documents.read(path))
            case "py" where place.hasPrefix("test_"): readPython(try Documents.read(path), place)
            case "md" where folder == "Transcripts" && place != "README":
                readTranscript(try Documents.read(path), place)
            case "toml" where folder == "Mutants": readMutants(try Documents.read(path))
            case "jsonl" where folder == "Vectors": try readVectors(path)
            default: break
            }
        }
    }

    private static func paths(below folder: String) throws -> [String] {
        let top = Documents.top.appendingPathComponent(folder)
        return try FileManager.default.subpathsOfDirectory(atPath: top.path)
            .filter { !$0.contains("__pycache__") }.map { "\(folder)/\($0)" }.sorted()
    }

    private mutating func add(_ place: String, _ name: String, _ requirements: [String]) {
        tests.append(TestName(place: place, name: name, requirements: requirements))
    }

    /// Names of tests, and of their cases where those name requirements.
    private mutating func readSwift(_ text: String, _ place: String) {
        var isTest = false
        for line in text.split(separator: "\n").map(\.trimmed) where !line.hasPrefix("//") {
            isTest = isTest || line.contains("@Test(")
            let line = line.replacingOccurrences(of: "\\\"", with: "'")
            for (index, literal) in line.split(separator: "\"", omittingEmptySubsequences: false)
                .enumerated() where index % 2 == 1
            {
                let (identifiers, sentence) = TestName.parted(literal)
                if isTest || (!identifiers.isEmpty && !sentence.isEmpty) {
                    add(place, sentence, identifiers)
                }
                isTest = false
            }
            if line.contains("func ") { isTest = false }
        }
    }

    /// `def test_what_is_so(…):` with the requirements in its documentation.
    private mutating func readPython(_ text: String, _ place: String) {
        var name: String?
        for line in text.split(separator: "\n").map(\.trimmed) {
            if line.hasPrefix("def test_") {
                if let name { add(place, name, []) }
                name = line.dropFirst("def test_".count).prefix { $0 != "(" }
                    .replacingOccurrences(of: "_", with: " ")
            } else if let begun = name, !line.hasSuffix(",") {
                // The line below the head, unless the head goes on.
                let words = line.hasPrefix("\"\"\"") ? Self.words(line) : []
                add(place, begun, words.filter { TestName.isIdentifier($0) })
                name = nil
            }
        }
        if let name { add(place, name, []) }
    }

    /// Headings, with the requirements that stand below them as prose.
    private mutating func readTranscript(_ text: String, _ place: String) {
        var heading: String?
        var requirements: [String] = []
        var isBlock = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") { isBlock.toggle() }
            if isBlock { continue }
            if line.hasPrefix("## ") {
                if let heading { add(place, heading, requirements) }
                (heading, requirements) = (String(line.dropFirst(3)), [])
            } else {
                requirements += Self.words(line).filter { TestName.isIdentifier($0) }
            }
        }
        if let heading { add(place, heading, requirements) }
    }

    private mutating func readProperties(_ text: String) {
        for literal in text.split(separator: "\"") where literal.hasPrefix("SIM-") {
            properties.insert(String(literal))
        }
    }

    private mutating func readMutants(_ text: String) {
        var name = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("[") { name = line.dropFirst().prefix { $0 != "]" }.trimmed }
            guard line.hasPrefix("promise = ") else { continue }
            let promise = line.dropFirst("promise = ".count).drop { "\"'".contains($0) }
            for identifier in TestName.parted(promise).identifiers {
                mutants[identifier, default: []].append(name)
            }
        }
    }

    private mutating func readVectors(_ path: String) throws {
        // Each line begins with its name: {"id":"NAME",…
        let file = try [UInt8](Data(contentsOf: Documents.top.appendingPathComponent(path)))
        for line in file.split(separator: 0x0A) {
            vectors.append(String(decoding: line.dropFirst(7).prefix { $0 != 0x22 }, as: UTF8.self))
        }
    }

    private static func words(_ text: some StringProtocol) -> [String] {
        text.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "-") })
            .map { String($0) }
    }
}
