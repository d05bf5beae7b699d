import Configuration
import Encodings
import Engine
import Foundation
import HTTPMessages

/// What came of one step.
struct Played {
    var step: TranscriptTest.Step
    var effects: String?
    var decision: String?
    var explanation: String?
    var problems: [String] = []
    /// What comes of such a step need not be said.
    var isQuiet: Bool

    /// - Returns: nil where nothing came.
    func text(_ kind: Block.Kind) -> String? {
        switch kind {
        case .effects: effects
        case .decision: decision
        case .explain: explanation
        default: nil
        }
    }
}

/// Plays a test of a transcript with the shipped engine.
struct Player {
    private let test: TranscriptTest
    private var policies: [ByteString] = []

    init(_ test: TranscriptTest) { self.test = test }

    mutating func play() throws -> [Played] {
        let steps = try test.steps()
        let stage = try makeStage(steps[0].inputs)
        return try steps.map { step in
            stage.forget()
            do {
                if step.isStart {
                    if steps.count > 1 || !step.expectations.isEmpty { _ = stage.worker(1) }
                } else {
                    for block in step.inputs { try play(block, stage) }
                }
            } catch let error as TranscriptError {
                throw error
            } catch {
                throw TranscriptError(line: step.line, sentence: "\(error)")
            }
            return played(step, stage)
        }
    }

    private func played(_ step: TranscriptTest.Step, _ stage: Stage) -> Played {
        let isRequest = step.inputs.last?.kind == .request
        let decision = stage.decisions.joined(separator: "\n\n")
        let explanation = stage.explain()
        stage.checkDebugLines()
        return Played(
            step: step,
            effects: stage.effects.isEmpty ? nil : stage.effects.joined(separator: "\n"),
            decision: decision.isEmpty ? (isRequest ? "waits" : nil) : decision,
            explanation: explanation.map(Self.inLines),
            problems: stage.problems,
            isQuiet: step.isStart || step.inputs.last?.kind == .given)
    }

    /// One step of the chain a line.
    private static func inLines(_ chain: String) -> String { chain.replacing("; ", with: ";\n") }

    // MARK: The start

    private mutating func makeStage(_ blocks: [Block]) throws -> Stage {
        var placeholders = Placeholders(names: Names(), beginning: Stage.beginning)
        var settings: [(section: String, name: String, value: String, line: Int)] = []
        var provider = ProviderRules()
        var store = StoreRules()
        for block in blocks {
            do {
                switch block.kind {
                case .settings:
                    for (number, line) in zip((block.line + 1)..., block.lines) {
                        let setting = try Self.setting(try placeholders.expand(line), number)
                        // What a test says stands in place of what its file says.
                        settings.removeAll {
                            $0.section == setting.section && $0.name == setting.name
                        }
                        settings.append(setting)
                    }
                case .provider: try provider.add(block.lines)
                case .store: try store.add(block.lines)
                default:
                    throw TranscriptError(
                        line: block.line, sentence: "this belongs under a heading")
                }
            } catch let error as TranscriptError {
                throw error
            } catch {
                throw TranscriptError(line: block.line, sentence: "\(error)")
            }
        }
        for setting in settings where setting.section.hasPrefix("policy/") {
            let name = ByteString(String(setting.section.dropFirst(7)))
            if !policies.contains(name) { policies.append(name) }
        }
        return Stage(try Self.configuration(settings, line: test.line), provider, store)
    }

    /// `[provider/idp] issuer https://idp.example`, or `store memory`.
    private static func setting(
        _ line: String, _ number: Int
    ) throws -> (section: String, name: String, value: String, line: Int) {
        var rest = line[...]
        var section = ""
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            section = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...].drop { $0 == " " }
        }
        let words = rest.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else {
            throw TranscriptError(line: number, sentence: "not '[SECTION] NAME VALUE'")
        }
        return (section, String(words[0]), words[1].trimmingCharacters(in: .whitespaces), number)
    }

    private static func configuration(
        _ settings: [(section: String, name: String, value: String, line: Int)], line: Int
    ) throws -> Configuration {
        var draft = ConfigurationDraft()
        for setting in settings {
            do {
                try draft.set(
                    section: ByteString(setting.section), name: ByteString(setting.name),
                    value: ByteString(setting.value))
            } catch {
                throw TranscriptError(line: setting.line, sentence: error.message.string)
            }
        }
        do { return try draft.build() } catch {
            throw TranscriptError(line: line, sentence: error.message.string)
        }
    }

    // MARK: What happens

    private func play(_ block: Block, _ stage: Stage) throws {
        switch block.kind {
        case .provider: try stage.provider(block.lines)
        case .store: try stage.store(block.lines)
        case .request: stage.start(try request(block.lines, stage))
        case .time:
            guard block.lines.count == 1, let word = block.lines.first?.dropping(prefix: "at "),
                let time = ClockText.milliseconds(word)
            else { throw TranscriptError(line: block.line, sentence: "not 'at +HH:MM:SS'") }
            stage.pass(to: time)
        case .given: for line in block.lines { try given(line, block, stage) }
        case .settings, .effects, .decision, .explain: break
        }
    }

    private func request(_ lines: [String], _ stage: Stage) throws -> ScriptedRequest {
        try ScriptedRequest(
            try lines.map(stage.expand), standardPolicy: policies.first ?? "default")
    }

    private func given(_ line: String, _ block: Block, _ stage: Stage) throws {
        switch line {
        case "signed in": try signIn(block, stage)
        case "no randomness": stage.worker(1).random.isBroken = true
        case "the engine stops": stage.worker(1).stop()
        case "the client goes away": stage.cancelLast()
        default: throw TranscriptError(line: block.line, sentence: "what is '\(line)'?")
        }
    }

    /// A login and its callback, of which nothing need be said.
    private func signIn(_ block: Block, _ stage: Stage) throws {
        let policy = policies.first { stage.configuration.guarded[$0]?.rules != nil }
        guard let policy, let rules = stage.configuration.guarded[policy]?.rules else {
            throw TranscriptError(line: block.line, sentence: "no policy knows sessions")
        }
        func navigate(_ target: ByteString, _ more: [String]) throws -> Decision? {
            var lines = [
                "GET \(target) HTTP/1.1", "Sec-Fetch-Site: none", "Sec-Fetch-Mode: navigate",
                "Sec-Fetch-Dest: document",
            ]
            lines += more
            stage.start(try ScriptedRequest(lines, standardPolicy: policy))
            return stage.lastDecision
        }
        let login = try navigate(rules.prefix + "/login", [])
        guard let login, let location = login.clientHeaders.only("location"),
            let state = Parameters(URLReference(location)?.query ?? "")["state"],
            let cookie = login.clientHeaders.only("set-cookie")?.words(separatedBy: 0x3B).first
        else {
            throw TranscriptError(line: block.line, sentence: "no login: \(stage.decisions)")
        }
        let callback = try navigate(
            rules.prefix + "/callback?code=code&state=" + state, ["Cookie: \(cookie)"])
        guard callback?.reason == .loginCompleted else {
            throw TranscriptError(
                line: block.line, sentence: "not signed in: \(stage.decisions) \(stage.effects)")
        }
        stage.forget()
    }
}

extension String {
    fileprivate func dropping(prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
    }
}
