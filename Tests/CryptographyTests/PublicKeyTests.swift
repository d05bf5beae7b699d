import COpenSSL
import Cryptography
import Encodings
import Testing

@Suite("Keys and signatures")
struct PublicKeyTests {
    @Test("A good signature is good", arguments: SampleSignature.good)
    func good(_ sample: SampleSignature) throws {
        let key = try #require(sample.key)
        #expect(key.verify(
            signature: sample.signature, message: sample.message, scheme: sample.scheme))
    }

    @Test("SIG-01 SIG-04 SIG-07 HYG-03 A bent signature is bad, and leaves no error behind",
        arguments: SampleSignature.good)
    func bent(_ sample: SampleSignature) throws {
        let key = try #require(sample.key)
        let good = sample.signature
        var bad: [[UInt8]] = [
            [], [0], Array(good.dropLast()), Array(good.dropFirst()), good + [0], [0] + good,
            good + good, [UInt8](repeating: 0, count: good.count),
            [UInt8](repeating: 0xFF, count: good.count),
        ]
        for index in stride(from: 0, to: good.count, by: 7) {
            var copy = good
            copy[index] ^= 0x10
            bad.append(copy)
        }
        for signature in bad {
            #expect(!key.verify(
                signature: signature, message: sample.message, scheme: sample.scheme))
            #expect(ERR_peek_error() == 0)
        }
        #expect(!key.verify(
            signature: good, message: sample.message + [0], scheme: sample.scheme))
    }

    @Test("ALG-05 A key checks no signature of another scheme", arguments: SampleSignature.good)
    func otherScheme(_ sample: SampleSignature) throws {
        let key = try #require(sample.key)
        let schemes: [SignatureScheme] = [
            .pkcs1(.sha256), .pkcs1(.sha384), .pkcs1(.sha512), .pss(.sha256), .pss(.sha384),
            .pss(.sha512), .ecdsa(.sha256), .ecdsa(.sha384), .ecdsa(.sha512), .ed25519, .ed448,
        ]
        for scheme in schemes where scheme != sample.scheme {
            #expect(!key.verify(
                signature: sample.signature, message: sample.message, scheme: scheme))
        }
    }

    @Test("SIG-06 SIG-08 Other salt lengths, and what OpenSSL answers with -1, are bad",
        arguments: SampleSignature.bad)
    func careless(_ sample: SampleSignature) throws {
        let key = try #require(sample.key)
        #expect(!key.verify(
            signature: sample.signature, message: sample.message, scheme: sample.scheme))
        #expect(ERR_peek_error() == 0)
    }

    @Test("SIG-02 Psychic signatures: r or s zero is bad")
    func psychic() throws {
        let sample = SampleSignature.es256
        let key = try #require(sample.key)
        let zero = [UInt8](repeating: 0, count: 32)
        for signature in [
            zero + zero, zero + sample.signature.suffix(32), sample.signature.prefix(32) + zero,
        ] {
            #expect(!key.verify(
                signature: signature, message: sample.message, scheme: sample.scheme))
        }
    }

    @Test("KEY-01 LIM-21 RSA keys below 2,048 or above 8,192 bits do not load", arguments: [
        (1_024, false), (2_040, false), (2_047, false), (2_048, true), (4_096, true),
        (8_192, true), (8_193, false), (65_536, false),
    ])
    func rsaSize(bits: Int, loads: Bool) {
        var modulus = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
        if bits % 8 != 0 { modulus[0] = UInt8(1 << (bits % 8) - 1) }
        #expect((PublicKey(rsaModulus: modulus, exponent: [1, 0, 1]) != nil) == loads)
        #expect((PublicKey(rsaModulus: [0, 0] + modulus, exponent: [0, 1, 0, 1]) != nil) == loads)
        #expect(ERR_peek_error() == 0)
    }

    @Test("KEY-02 Exponents that are even, below 3 or above 64 bits, and even moduli, do not load")
    func rsaExponent() {
        let modulus = [UInt8](repeating: 0xFF, count: 256)
        for exponent: [UInt8] in [
            [], [0], [1], [2], [1, 0, 0], [0, 0, 1], [UInt8](repeating: 0xFF, count: 9),
            [UInt8](repeating: 0xFF, count: 256),
        ] {
            #expect(PublicKey(rsaModulus: modulus, exponent: exponent) == nil)
        }
        #expect(PublicKey(rsaModulus: modulus, exponent: [3]) != nil)
        #expect(PublicKey(rsaModulus: modulus, exponent: .init(repeating: 0xFF, count: 8)) != nil)
        #expect(PublicKey(rsaModulus: modulus.dropLast() + [0xFE], exponent: [3]) == nil)
        #expect(PublicKey(rsaModulus: [], exponent: [3]) == nil)
    }

    @Test("KEY-03 Points off the curve, at infinity or of another length do not load",
        arguments: EllipticCurve.allCases)
    func point(curve: EllipticCurve) {
        let zero = [UInt8](repeating: 0, count: curve.byteCount)
        let one = Array(zero.dropLast()) + [1]
        #expect(PublicKey(curve: curve, x: zero, y: zero) == nil)
        #expect(PublicKey(curve: curve, x: one, y: one) == nil)
        let large = [UInt8](repeating: 0xFF, count: curve.byteCount)
        #expect(PublicKey(curve: curve, x: large, y: one) == nil)
        #expect(PublicKey(curve: curve, x: [0] + one, y: one) == nil)
        #expect(PublicKey(curve: curve, x: one, y: [1]) == nil)
        #expect(PublicKey(curve: curve, x: [], y: []) == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test("KEY-04 Keys of Ed25519, Ed448, X25519 and X448 have exactly their curve's length",
        arguments: OctetCurve.allCases)
    func octets(curve: OctetCurve) {
        for count in [0, 31, 32, 33, 55, 56, 57, 58, 114] {
            let key = PublicKey(curve, point: [UInt8](repeating: 1, count: count))
            #expect((key != nil) == (count == curve.byteCount))
        }
        #expect(ERR_peek_error() == 0)
    }
}
