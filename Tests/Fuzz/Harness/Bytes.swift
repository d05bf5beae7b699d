import Encodings
import HTTPMessages

extension [UInt8] {
    init(_ text: ByteString) { self = text.bytes }

    /// Split at every line feed, at most so many; what follows is left out.
    func lines(_ most: Int) -> [ByteString] {
        split(separator: 0x0A, omittingEmptySubsequences: false).prefix(most)
            .map { ByteString($0) }
    }
}

extension ByteString {
    /// Once or more somewhere in the text.
    func contains(_ other: ByteString) -> Bool {
        guard count >= other.count else { return false }
        return (0...(count - other.count)).contains { start in
            bytes[start..<(start + other.count)].elementsEqual(other.bytes)
        }
    }

    var isOneLine: Bool { bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
    var breaksLine: Bool { bytes.contains { $0 == 0x0A || $0 == 0x0D || $0 == 0 } }
    var isPrintableASCII: Bool { bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F } }
}

extension CookieSplitter.Remainder {
    /// Nil where nothing stays.  No more room than it asks for: more would end the program.
    func text(of line: ByteString) -> ByteString? {
        guard count > 0 else { return nil }
        let bytes = [UInt8](capacity: count) { write(line.span, to: &$0) }
        promise(bytes.count == count, "as much stays as was said")
        return ByteString(bytes)
    }
}

/// Texts as inputs.
func inputs(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }
