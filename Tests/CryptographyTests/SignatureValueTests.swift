import COpenSSL
import Cryptography
import Encodings
import Testing

/// Forgeries by arithmetic: values that are right but for a multiple of the group's order.
@Suite("Values of signatures")
struct SignatureValueTests {
    private static func isGood(_ sample: SampleSignature, _ signature: [UInt8]) throws -> Bool {
        let key = try #require(sample.key)
        defer { #expect(ERR_peek_error() == 0) }
        return key.verify(signature: signature, message: sample.message, scheme: sample.scheme)
    }

    @Test("SIG-02 r and s beyond the order are bad, also where they are right but for the order")
    func beyondTheOrder() throws {
        let sample = SampleSignature.es256
        let (r, s) = (Array(sample.signature.prefix(32)), Array(sample.signature.suffix(32)))
        #expect(try Self.isGood(sample, r + s))
        let n = Self.orderOfP256
        let above = [UInt8](repeating: 0xFF, count: 32)
        for (r, s) in [(n, s), (r, n), (n, n), (above, s), (r, above)] {
            #expect(try !Self.isGood(sample, r + s))
        }
        // Halves of 33 bytes, so that r + n and s + n fit.
        #expect(try !Self.isGood(sample, Self.sum(r, n, count: 33) + [0] + s))
        #expect(try !Self.isGood(sample, [0] + r + Self.sum(s, n, count: 33)))
    }

    @Test("SIG-03 The twin n - s is as good: two texts may be one token")
    func twin() throws {
        let sample = SampleSignature.es256
        let (r, s) = (Array(sample.signature.prefix(32)), Array(sample.signature.suffix(32)))
        let twin = r + Self.difference(Self.orderOfP256, s)
        #expect(twin != sample.signature)
        #expect(try Self.isGood(sample, twin))
    }

    @Test("SIG-01 The form that OpenSSL writes is none of JOSE's")
    func der() throws {
        let sample = SampleSignature.es256
        let (r, s) = (Array(sample.signature.prefix(32)), Array(sample.signature.suffix(32)))
        func integer(_ bytes: [UInt8]) -> [UInt8] {
            let digits = bytes[0] >= 0x80 ? [0] + bytes : bytes
            return [0x02, UInt8(digits.count)] + digits
        }
        let content = integer(r) + integer(s)
        #expect(try !Self.isGood(sample, [0x30, UInt8(content.count)] + content))
    }

    @Test("SIG-04 RSA values beside the modulus are bad", arguments: [
        SampleSignature.rs256, SampleSignature.ps256,
    ])
    func besideTheModulus(sample: SampleSignature) throws {
        let n = Self.modulus
        let zero = [UInt8](repeating: 0, count: n.count)
        let one = Array(zero.dropLast()) + [1]
        for signature in [zero, one, n, Self.difference(n, one), Self.sum(n, one, count: n.count)] {
            #expect(try !Self.isGood(sample, signature))
        }
        let twin = Self.sum(sample.signature, n, count: n.count + 1)
        #expect(try !Self.isGood(sample, twin))
        // Where the sum fits into the modulus' bytes its length gives nothing away.
        if twin[0] == 0 { #expect(try !Self.isGood(sample, Array(twin.dropFirst()))) }
    }

    @Test("SIG-07 An S beyond the order L is bad, though it is right but for L")
    func beyondL() throws {
        let sample = SampleSignature.ed25519
        let s = Array(sample.signature.suffix(32).reversed())
        let twin = Self.sum(s, Self.orderOfEd25519, count: 32)
        #expect(try !Self.isGood(sample, sample.signature.prefix(32) + twin.reversed()))
        #expect(try Self.isGood(sample, sample.signature.prefix(32) + Array(s.reversed())))
    }

    @Test("KEY-21 A modulus with the marks of a broken generator does not load")
    func brokenGenerator() throws {
        // Powers of 65537 bear those marks modulo every prime, as such moduli do.
        var weak: [UInt8] = [1]
        while weak.count < 257 { weak = Self.sum(weak + [0, 0], weak, count: weak.count + 2) }
        #expect(PublicKey(rsaModulus: weak, exponent: [1, 0, 1]) == nil)
        #expect(PublicKey(rsaModulus: [0] + weak, exponent: [3]) == nil)
        let odd: [UInt8] = weak.dropLast() + [(weak.last ?? 0) ^ 2]
        #expect(PublicKey(rsaModulus: odd, exponent: [1, 0, 1]) != nil)
    }

    // Numbers as big-endian bytes

    private static func sum(_ a: [UInt8], _ b: [UInt8], count: Int) -> [UInt8] {
        var (digits, carry) = ([UInt8](), 0)
        for index in 0..<count {
            let sum = digit(a, index) + digit(b, index) + carry
            digits.append(UInt8(sum & 0xFF))
            carry = sum >> 8
        }
        precondition(carry == 0, "the sum needs more bytes")
        return digits.reversed()
    }

    private static func difference(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var (digits, borrow) = ([UInt8](), 0)
        for index in a.indices {
            let difference = digit(a, index) - digit(b, index) - borrow
            digits.append(UInt8(difference & 0xFF))
            borrow = difference < 0 ? 1 : 0
        }
        return digits.reversed()
    }

    private static func digit(_ number: [UInt8], _ index: Int) -> Int {
        index < number.count ? Int(number[number.count - 1 - index]) : 0
    }

    private static let orderOfP256 = SampleSignature.hex(
        "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    private static let orderOfEd25519 = SampleSignature.hex(
        "1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed")
    private static let modulus = SampleSignature.modulus
}
