/// A fenced block of a transcript.
struct Block: Sendable {
    enum Kind: String, Sendable {
        // What happens.
        case settings, provider, store, given, request, time
        // What comes of it.
        case effects, decision, explain

        var isInput: Bool {
            switch self {
            case .settings, .provider, .store, .given, .request, .time: true
            case .effects, .decision, .explain: false
            }
        }
    }

    var kind: Kind
    /// Of the opening fence, from 1.
    var line: Int
    var lines: [String]

    var text: String { lines.joined(separator: "\n") }
    /// Of the closing fence.
    var lastLine: Int { line + lines.count + 1 }
}

/// What is wrong with a transcript itself, whatever the engine does.
struct TranscriptError: Error {
    var line: Int
    var sentence: String
}
