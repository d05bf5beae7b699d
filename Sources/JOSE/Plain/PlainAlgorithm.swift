import Encodings

/// The name of an algorithm as a number, which is compared at once.
struct PlainAlgorithm: Sendable {
    private let name: UInt64
    private let algorithm: SignatureAlgorithm

    /// All names of at most eight bytes: the others are left to ``JOSEHeader``.
    private static let all: [PlainAlgorithm] = SignatureAlgorithm.allCases.compactMap { algorithm in
            let name = algorithm.name
            guard name.count <= 8 else { return nil }
            let word = name.bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return PlainAlgorithm(name: word, algorithm: algorithm)
        }

    static func named(_ bytes: Span<UInt8>, _ range: Range<Int>) -> SignatureAlgorithm? {
        guard range.count <= 8 else { return nil }
        let word = PlainName.word(bytes, range)
        for known in all where known.name == word { return known.algorithm }
        return nil
    }
}
