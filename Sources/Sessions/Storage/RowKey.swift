/// The name of something in the store: a session, a spent login state, a provider's documents.
/// 256 bits, derived by a one-way function, so that the store never holds anything that a browser
/// could present.
package struct RowKey: Hashable, Sendable {
    package let words: (UInt64, UInt64, UInt64, UInt64)

    package init(_ words: InlineArray<4, UInt64>) {
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// - Returns: nil unless there are exactly 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        let span = unsafe bytes.span.bytes
        func word(_ start: Int) -> UInt64 {
            // SAFETY: not unsafe in spite of its name: the range is checked, 32 bytes are there.
            UInt64(
                bigEndian: unsafe span.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        words = (word(0), word(8), word(16), word(24))
    }

    package var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            stride(from: UInt64(56), through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: word >> $0)
            }
        }
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }
    /// The key is uniformly distributed as it is: one word of it is hash enough.
    package func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
