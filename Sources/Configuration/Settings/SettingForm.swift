package import Encodings
import HTTPMessages

/// How the value of a setting is written.
package enum SettingForm: Hashable, Sendable {
    /// Printable text in one line.
    case text
    /// One or more words, separated by spaces.
    case words
    /// A duration, kept in whole seconds.
    case seconds(ClosedRange<Int64>)
    /// A duration, kept in milliseconds.
    case milliseconds(ClosedRange<Int64>)
    /// `on` or `off`.
    case flag
    case choice([ByteString])
    case integer(ClosedRange<Int64>)
    /// An absolute `http` or `https` URL.
    case url
    /// An absolute path of a file that can be read.
    case file
    /// An absolute path of a file that holds a secret and nothing else.
    case secretFile
    /// Several of them, separated by spaces; larger, since keys may be.
    case secretFiles

    static let longestText = 4_096
    static let longestSecret = 4_096
    static let longestKey = 16_384

    /// What the settings table says of the form.
    package var summary: ByteString {
        switch self {
        case .text: "text"
        case .words: "words"
        case .seconds(let range): Self.durations(range, unit: 1_000)
        case .milliseconds(let range): Self.durations(range, unit: 1)
        case .flag: "`on` or `off`"
        case .choice(let words): Self.list(words.map { "`" + $0 + "`" }, "or")
        case .integer(let range): "number, \(range.lowerBound) to \(range.upperBound)"
        case .url: "URL"
        case .file: "file"
        case .secretFile: "secret file"
        case .secretFiles: "secret files"
        }
    }

    func read(
        _ value: ByteString, of name: ByteString, warnings: inout [ByteString]
    ) throws(ConfigurationError) -> SettingValue {
        func wrong(_ expectation: ByteString) -> ConfigurationError {
            ConfigurationError(name, mustBe: expectation, not: value)
        }
        guard !value.isEmpty else { throw ConfigurationError(name, "has no value") }
        guard value.count <= Self.longestText,
            value.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else {
            throw ConfigurationError(
                name, "must be one line of at most \(Self.longestText) printable bytes")
        }
        switch self {
        case .text: return .text(value)
        case .words:
            let words = value.words()
            guard !words.isEmpty else { throw ConfigurationError(name, "has no value") }
            return .words(words)
        case .seconds(let range):
            guard let time = Timespan.milliseconds(value), time % 1_000 == 0,
                range.contains(time / 1_000)
            else { throw wrong("a " + Self.durations(range, unit: 1_000) + " in whole seconds") }
            return .number(time / 1_000)
        case .milliseconds(let range):
            guard let time = Timespan.milliseconds(value), range.contains(time) else {
                throw wrong("a " + Self.durations(range, unit: 1))
            }
            return .number(time)
        case .flag:
            switch value {
            case "on": return .flag(true)
            case "off": return .flag(false)
            default: throw wrong("on or off")
            }
        case .choice(let words):
            guard words.contains(value) else { throw wrong(Self.list(words, "or")) }
            return .text(value)
        case .integer(let range):
            guard value.count <= 9, value.bytes.allSatisfy(ASCII.isDigit),
                let number = Int64(value.string), range.contains(number)
            else { throw wrong("a number from \(range.lowerBound) to \(range.upperBound)") }
            return .number(number)
        case .url:
            guard URLReference(value) != nil else {
                throw wrong("an absolute http or https URL without user or fragment")
            }
            return .text(value)
        case .file:
            try ConfigurationFile.check(value, of: name)
            return .text(value)
        case .secretFile:
            return .secret(
                try Self.secret(value, of: name, limit: Self.longestSecret, warnings: &warnings))
        case .secretFiles:
            var files: [SecretFile] = []
            for path in value.words() {
                let contents = try Self.secret(
                    path, of: name, limit: Self.longestKey, warnings: &warnings)
                files.append(SecretFile(path: path, contents: contents))
            }
            guard !files.isEmpty else { throw ConfigurationError(name, "has no value") }
            return .files(files)
        }
    }

    private static func secret(
        _ path: ByteString, of name: ByteString, limit: Int, warnings: inout [ByteString]
    ) throws(ConfigurationError) -> Secret {
        let file = try ConfigurationFile.read(path, of: name, limit: limit)
        if file.isOpenToOthers {
            warnings.append(
                ConfigurationError(
                    name, "names a file that others than its owner can read: chmod 600 \(path)"
                ).message)
        }
        return file.contents
    }

    private static func durations(_ range: ClosedRange<Int64>, unit: Int64) -> ByteString {
        let low = Timespan.text(milliseconds: range.lowerBound &* unit)
        return "duration from " + low + " to "
            + Timespan.text(milliseconds: range.upperBound &* unit)
    }

    static func list(_ words: [ByteString], _ conjunction: ByteString) -> ByteString {
        var output = ByteString()
        for (index, word) in words.enumerated() {
            if index > 0 {
                output += index == words.count - 1 ? " " + conjunction + " " : ", "
            }
            output += word
        }
        return output
    }
}
