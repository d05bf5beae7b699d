import Encodings

/// The names of algorithms as numbers, and sets of algorithms as bits.
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

/// A set of algorithms, which is asked without hashing.
package struct AlgorithmSet: Hashable, Sendable {
    private var bits: UInt64 = 0

    package init(_ algorithms: some Sequence<SignatureAlgorithm>) {
        for algorithm in algorithms { bits |= Self.bit(algorithm) }
    }

    package func contains(_ algorithm: SignatureAlgorithm) -> Bool {
        bits & Self.bit(algorithm) != 0
    }

    private static func bit(_ algorithm: SignatureAlgorithm) -> UInt64 {
        1 &<< UInt64(algorithm.rawValue)
    }
}
