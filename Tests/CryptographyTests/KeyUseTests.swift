import COpenSSL
import Cryptography
import Encodings
import Foundation
import Testing

@Suite("Keys in use")
struct KeyUseTests {
    @Test("HYG-04 One key serves eight threads at once", arguments: SampleSignature.good)
    func threads(sample: SampleSignature) throws {
        let key = try #require(sample.key)
        var bent = sample.signature
        bent[bent.count / 2] ^= 1
        let (good, bad) = (sample.signature, bent)
        let wrong = Counter()
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<50 {
                let admitsGood = key.verify(
                    signature: good, message: sample.message, scheme: sample.scheme)
                let admitsBad = key.verify(
                    signature: bad, message: sample.message, scheme: sample.scheme)
                if !admitsGood || admitsBad { wrong.increase() }
            }
        }
        #expect(wrong.count == 0)
    }

    @Test("HYG-03 Whatever fails leaves OpenSSL's queue of errors empty")
    func errorQueue() throws {
        let key = try #require(SampleSignature.rs256.key)
        for bytes: [UInt8] in [
            [], [0x30], [0x30, 0x82, 0xFF, 0xFF], [UInt8](repeating: 0x30, count: 99),
        ] {
            #expect(!key.isKey(ofCertificate: bytes))
            #expect(ERR_peek_error() == 0)
            #expect(PublicKey(rsaModulus: bytes, exponent: bytes) == nil)
            #expect(PublicKey(curve: .p256, x: bytes, y: bytes) == nil)
            #expect(PublicKey(.ed25519, point: bytes) == nil)
            #expect(ERR_peek_error() == 0)
        }
        let (zero, one) = ([UInt8](repeating: 0, count: 32), [UInt8](repeating: 1, count: 32))
        #expect(PublicKey(curve: .p256, x: zero, y: one) == nil)
        #expect(ERR_peek_error() == 0)
    }

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var value = 0
        func increase() { lock.withLock { value += 1 } }
        var count: Int { lock.withLock { value } }
    }
}
