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
