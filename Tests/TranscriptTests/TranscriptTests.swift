import Encodings
import Engine
import Testing

@Suite("Transcripts: what the Markdown files of Tests/Transcripts say is what happens")
struct TranscriptTests {
    @Test("Every file can be read", arguments: Transcript.all)
    func readable(transcript: Transcript) {
        if let problem = transcript.problem {
            Self.record("\(problem.sentence)", transcript.name, problem.line)
        }
        #expect(!transcript.tests.isEmpty, "\(transcript.name) has no heading with '## '")
    }

    @Test("What a transcript tells is what happens", arguments: Transcript.all.flatMap(\.tests))
    func truth(test: TranscriptTest) {
        guard !Rewriting.isWanted else { return }
        do {
            var player = Player(test)
            for played in try player.play() { Self.compare(played, test.file) }
        } catch let error as TranscriptError {
            Self.record(error.sentence, test.file, error.line)
        } catch {
            Self.record("\(error)", test.file, test.line)
        }
    }

    /// Not a test of anything: writes the files anew where that was asked for.
    @Test(
        "CLOAKROOM_WRITE_TRANSCRIPTS=1 writes what happens into the files",
        .enabled(if: Rewriting.isWanted))
    func rewriting() throws {
        for transcript in Transcript.all where transcript.problem == nil {
            var played: [Played] = []
            for test in transcript.tests {
                do {
                    var player = Player(test)
                    let outcome = try player.play()
                    for step in outcome {
                        for problem in step.problems {
                            Self.record(problem, test.file, step.step.line)
                        }
                    }
                    played += outcome.filter { !$0.step.isStart || !$0.step.expectations.isEmpty }
                } catch let error as TranscriptError {
                    Self.record(error.sentence, test.file, error.line)
                }
            }
            try Rewriting.rewrite(transcript.name, played)
        }
    }

    private static func compare(_ played: Played, _ file: String) {
        for problem in played.problems { record(problem, file, played.step.line) }
        let expectations = played.step.expectations
        for block in expectations {
            let came = played.text(block.kind) ?? "nothing"
            let said = block.text
            if said != came {
                record("\n" + Difference.text(said: said, came: came), file, block.line)
            }
        }
        guard !played.isQuiet else { return }
        for kind in [Block.Kind.effects, .decision]
        where !expectations.contains(where: { $0.kind == kind }) {
            guard let came = played.text(kind) else { continue }
            record(
                "the transcript leaves out this \(kind.rawValue):\n\(came)", file, played.step.line)
        }
    }

    static func record(_ text: String, _ file: String, _ line: Int) {
        Issue.record(
            "\(file):\(line): \(text)",
            sourceLocation: SourceLocation(
                fileID: "Transcripts/\(file)", filePath: Transcript.path(of: file), line: line,
                column: 1))
    }
}

extension Transcript: CustomTestStringConvertible {
    var testDescription: String { name }
}
