import Foundation

/// Inputs as text: one a line, printable ASCII as it is, all else and the backslash as `\xHH`.
///
/// A corpus of thousands of small files would be hard to read, and to keep.
enum Corpus {
    static func text(_ inputs: [[UInt8]]) -> String {
        inputs.map { line($0) + "\n" }.joined()
    }

    static func inputs(_ text: String) -> [[UInt8]] {
        text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(input)
    }

    static func line(_ input: [UInt8]) -> String {
        var output: [UInt8] = []
        for byte in input {
            if (0x20...0x7E).contains(byte), byte != 0x5C {
                output.append(byte)
            } else {
                output += Array("\\x".utf8) + digits[Int(byte)]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func input(_ line: some StringProtocol) -> [UInt8] {
        var output: [UInt8] = []
        var rest = ArraySlice(line.utf8)
        while let byte = rest.popFirst() {
            let code = String(decoding: rest.dropFirst().prefix(2), as: UTF8.self)
            if byte == 0x5C, rest.first == 0x78, let value = UInt8(code, radix: 16) {
                output.append(value)
                rest = rest.dropFirst(3)
            } else {
                output.append(byte)
            }
        }
        return output
    }

    /// libFuzzer's form of a list of words.
    static func dictionary(_ words: [String]) -> String {
        words.map { word in
            "\"" + line(Array(word.utf8)).replacingOccurrences(of: "\"", with: "\\x22") + "\"\n"
        }.joined()
    }

    private static let digits = (0..<256).map { byte in
        Array((byte < 16 ? "0" : "").utf8) + Array(String(byte, radix: 16).utf8)
    }
}
