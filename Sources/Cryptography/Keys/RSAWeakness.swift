/// Finds RSA keys of a generator that smart cards and security chips had from 2012 to 2017: whoever
/// knows such a key's modulus can compute its private part.
///
/// Their primes are powers of 65537 modulo every small prime, and so is the product of two.  One
/// in 200 million good keys looks the same, and has to be made anew.
/// - Source: CVE-2017-15361 ("ROCA"), Nemec et al., CCS 2017, §3.2.
enum RSAWeakness {
    /// Those modulo which not every number is a power of 65537.
    private static let primes: [UInt32] = [
        11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157,
    ]

    /// - Parameter modulus: big-endian.
    static func isIn(_ modulus: some Collection<UInt8>) -> Bool {
        primes.allSatisfy { prime in
            isPower(modulus.reduce(0) { ($0 &* 256 &+ UInt32($1)) % prime }, modulo: prime)
        }
    }

    private static func isPower(_ residue: UInt32, modulo prime: UInt32) -> Bool {
        var power: UInt32 = 1
        for _ in 1..<prime {
            if power == residue { return true }
            power = power &* 65_537 % prime
        }
        return false
    }
}
