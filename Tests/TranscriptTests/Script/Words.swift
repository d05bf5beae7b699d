/// Words between spaces; quotes, brackets and braces hold together what belongs together.
enum Words {
    static func split(_ text: some StringProtocol) -> [String] {
        var words: [String] = []
        var word = ""
        var depth = 0
        var isQuoted = false
        for letter in text {
            if letter == "\"" { isQuoted.toggle() }
            if !isQuoted, "[{".contains(letter) { depth += 1 }
            if !isQuoted, "]}".contains(letter) { depth -= 1 }
            if letter == " ", depth == 0, !isQuoted {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                word.append(letter)
            }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// `name=value`; nil for anything else.
    static func assignment(_ word: String) -> (name: String, value: String)? {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return nil }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
}
