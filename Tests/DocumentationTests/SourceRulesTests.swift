import Foundation
import Testing

/// Rules on the text of the sources, where no test of what they do can see the difference.
@Suite("What the sources never say")
struct SourceRulesTests {
    /// Comparisons that are no oracle, each with the reason.
    private static let harmless = [
        // The table finds a token by the end of its signature, which nobody can guess.
        "left.token == right.token",
        // A slot of a table; what it holds is compared whole afterwards.
        "slots[index].hash == hash",
    ]

    @Test("HYG-01 What derives from a secret is compared in constant time, not with ==")
    func comparisons() throws {
        let names = "state|nonce|csrf|secret|verifier|hash|mac|tag|token|thumbprint|sealed|proof"
        let comparison = try Regex(
            #"(?i)\b(\w+\.)*\w*(\#(names))\)? (==|!=) (?!nil\b|\.|\d|")"#)
        let mirrored = try Regex(#"(?i) (==|!=) (\w+\.)*\w*(\#(names))\b(?!\.count|\()"#)
        var found: [String] = []
        for (path, line) in try Self.lines() where !line.contains("///") {
            guard line.contains(" == ") || line.contains(" != "),
                line.contains(comparison) || line.contains(mirrored),
                !Self.harmless.contains(where: line.contains)
            else { continue }
            found.append("\(path): \(line)")
        }
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    private static func lines() throws -> [(path: String, line: String)] {
        let top = Documents.top.appendingPathComponent("Sources").path
        return try FileManager.default.subpathsOfDirectory(atPath: top)
            .filter { $0.hasSuffix(".swift") }
            .flatMap { path in
                try Documents.read("Sources/\(path)").split(separator: "\n")
                    .map { (path, String($0)) }
            }
    }
}
