package import Encodings

/// The server's keys: one that seals, and older ones that still open what they sealed.
///
/// A key file has one key a line, `ID KEY`: the ID has 1 to 32 of `A-Z a-z 0-9 . _ -`, the KEY is
/// 32 random bytes in base64url without padding.  `#` begins a comment line; empty lines are
/// skipped.  The first key is the current one.  A file is made with
///
///     echo "k1 $(openssl rand -base64 32 | tr '+/' '-_' | tr -d =)" > cloakroom.keys
///
/// and rotated by putting a new line before the others; a key whose sessions have all ended may go.
package struct KeyRing: Hashable, Sendable {
    /// 256 random bits with a name.
    package struct Key: Hashable, Sendable {
        /// Stands in clear beside what the key has sealed.
        package let id: ByteString
        package let secret: Secret

        package init(id: ByteString, secret: Secret) {
            self.id = id
            self.secret = secret
        }
    }

    package let current: Key
    private let others: [Key]

    package init(current: Key, others: [Key] = []) {
        self.current = current
        self.others = others
    }

    /// The current key first.
    package var keys: [Key] { [current] + others }

    package subscript(id: ByteString) -> Key? { keys.first { $0.id == id } }

    /// - Parameter file: the bytes of a key file.
    /// - Throws: the first thing wrong, with its line.
    package static func parse(_ file: [UInt8]) throws(KeyRingError) -> KeyRing {
        guard file.count <= 65_536 else { throw .tooLarge }
        var keys: [Key] = []
        for (index, line) in file.split(separator: 0x0A, omittingEmptySubsequences: false)
            .enumerated()
        {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { ByteString($0) }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            keys.append(try key(words, line: index &+ 1, after: keys))
        }
        guard let current = keys.first else { throw .noKey }
        return KeyRing(current: current, others: Array(keys.dropFirst()))
    }

    private static func key(
        _ words: [ByteString], line: Int, after keys: [Key]
    ) throws(KeyRingError) -> Key {
        guard words.count == 2 else { throw .notTwoWords(line: line) }
        let (id, text) = (words[0], words[1])
        guard id.count <= 32, id.bytes.allSatisfy(isIdentifier) else {
            throw .badIdentifier(line: line)
        }
        guard let bytes = Base64URL.decode(text), bytes.count == 32 else {
            throw .badKey(line: line)
        }
        // An example copied from somewhere is no key.
        guard Set(bytes).count > 8 else { throw .guessableKey(line: line) }
        guard !keys.contains(where: { $0.id == id }) else { throw .repeatedIdentifier(line: line) }
        return Key(id: id, secret: Secret(bytes))
    }

    private static func isIdentifier(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == 0x2E || byte == 0x5F || byte == 0x2D
    }
}

/// What is wrong with a key file, in words for the operator; never shows a key.
package enum KeyRingError: Error, Hashable, CustomStringConvertible {
    case noKey
    case tooLarge
    case notTwoWords(line: Int)
    case badIdentifier(line: Int)
    case badKey(line: Int)
    case guessableKey(line: Int)
    case repeatedIdentifier(line: Int)

    package var description: String {
        switch self {
        case .noKey: "holds no key: it needs at least one line with an ID and a key"
        case .tooLarge: "is larger than 64 KiB"
        case .notTwoWords(let line): "line \(line) is not an ID and a key, divided by a space"
        case .badIdentifier(let line):
            "line \(line): an ID has 1 to 32 letters, digits, dots, underscores or hyphens"
        case .badKey(let line):
            "line \(line): a key is 32 bytes in base64url without padding, so 43 characters"
        case .guessableKey(let line): "line \(line): the key is not random"
        case .repeatedIdentifier(let line): "line \(line): the ID stands above already"
        }
    }
}
