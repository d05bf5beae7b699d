import Foundation
import Testing

/// One file of `Tests/Transcripts`: what holds for all its tests, then a test under each `##`.
struct Transcript: Sendable {
    var name: String
    var tests: [TranscriptTest] = []
    var problem: TranscriptError?

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Transcripts")

    static let all: [Transcript] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".md") }.sorted().map(Transcript.init)
    }()

    static func path(of name: String) -> String { folder.appendingPathComponent(name).path }

    private init(_ name: String) {
        self.name = name
        do {
            let text = try String(contentsOfFile: Self.path(of: name), encoding: .utf8)
            try read(text.components(separatedBy: "\n"))
        } catch let error as TranscriptError {
            problem = error
        } catch {
            problem = TranscriptError(line: 1, sentence: "cannot be read: \(error)")
        }
    }

    private mutating func read(_ lines: [String]) throws {
        var prelude: [Block] = []
        var open: Block?
        for (number, line) in zip(1..., lines) {
            if var block = open {
                if line == "```" {
                    open = nil
                    if tests.isEmpty {
                        prelude.append(block)
                    } else {
                        tests[tests.count - 1].blocks.append(block)
                    }
                } else {
                    block.lines.append(line)
                    open = block
                }
            } else if line.hasPrefix("```") {
                let word = String(line.dropFirst(3))
                guard let kind = Block.Kind(rawValue: word) else {
                    throw TranscriptError(
                        line: number, sentence: "there are no blocks of kind '\(word)'")
                }
                open = Block(kind: kind, line: number, lines: [])
            } else if line.hasPrefix("## ") {
                tests.append(
                    TranscriptTest(
                        file: name, title: String(line.dropFirst(3)), line: number, prelude: prelude
                    ))
            }
        }
        if let open { throw TranscriptError(line: open.line, sentence: "this block does not end") }
    }
}

/// What stands under one heading.
struct TranscriptTest: Sendable, CustomTestStringConvertible {
    var file: String
    var title: String
    var line: Int
    /// From the beginning of the file.
    var prelude: [Block]
    var blocks: [Block] = []

    var testDescription: String { "\(file): \(title)" }

    /// One thing that happens, and what is said to come of it.  The first is the start: settings
    /// and the provider's answers, before anything else.
    struct Step: Sendable {
        var inputs: [Block]
        var expectations: [Block] = []
        var isStart = false

        var line: Int { inputs.last?.line ?? 1 }
    }

    func steps() throws -> [Step] {
        var steps = [Step(inputs: prelude, isStart: true)]
        for block in blocks {
            let last = steps.count - 1
            if !block.kind.isInput {
                guard !steps[last].expectations.contains(where: { $0.kind == block.kind }) else {
                    throw TranscriptError(
                        line: block.line,
                        sentence: "nothing happens between two blocks of this kind")
                }
                steps[last].expectations.append(block)
            } else if steps[last].isStart, steps[last].expectations.isEmpty,
                [.settings, .provider, .store].contains(block.kind)
            {
                steps[last].inputs.append(block)
            } else if block.kind == .settings {
                throw TranscriptError(line: block.line, sentence: "the engine has begun already")
            } else {
                steps.append(Step(inputs: [block]))
            }
        }
        return steps
    }
}
