import Foundation
import Testing

/// The documents of the repository, as the tests see them.
///
/// `CLOAKROOM_WRITE_DOCS=1` makes the generated parts anew instead of comparing them.
enum Documents {
    static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    static let catalog = "Sources/Cloakroom/Cloakroom.docc"

    static func read(_ path: String) throws -> String {
        try String(contentsOf: top.appendingPathComponent(path), encoding: .utf8)
    }

    /// Compares, or writes anew, what stands between `<!-- name -->` and `<!-- /name -->`.
    static func expect(_ path: String, _ name: String, toHold content: String) throws {
        let (begin, end) = ("<!-- \(name) -->\n", "<!-- /\(name) -->")
        let text = try read(path)
        let first = try #require(text.range(of: begin), "\(path) has no mark \(name)")
        let last = try #require(
            text.range(of: end, range: first.upperBound..<text.endIndex), "\(path): no end mark")
        if ProcessInfo.processInfo.environment["CLOAKROOM_WRITE_DOCS"] == "1" {
            let new = text.replacingCharacters(in: first.upperBound..<last.lowerBound, with: content)
            try new.write(
                to: top.appendingPathComponent(path), atomically: true, encoding: .utf8)
            return
        }
        let found = text[first.upperBound..<last.lowerBound]
        #expect(
            found == content,
            "\(path) is not what the code says: CLOAKROOM_WRITE_DOCS=1 swift test --filter DocumentationTests")
    }
}
