import Cryptography
import Encodings
import Glibc
import Testing

/// Kept contexts must not be told from new ones.
@Suite("Contexts that a thread keeps")
struct VerifyingLaneTests {
    private func isGood(_ sample: SampleSignature, bent: Bool = false) -> Bool {
        var signature = sample.signature
        if bent { signature[signature.count / 2] ^= 1 }
        return sample.key?.verify(
            signature: signature, message: sample.message, scheme: sample.scheme) ?? false
    }

    @Test("SIG-09 Good and bad signatures of all kinds, in turn: each verdict stands by itself")
    func inTurn() {
        for _ in 0..<5 {
            for sample in SampleSignature.good {
                #expect(isGood(sample))
                #expect(!isGood(sample, bent: true))
                #expect(isGood(sample))
            }
            for sample in SampleSignature.bad { #expect(!isGood(sample)) }
        }
    }

    @Test("ALG-05 The context of one scheme serves no other scheme of the same key")
    func schemesInTurn() throws {
        for sample in [SampleSignature.rs256, .ps256] {
            let key = try #require(sample.key)
            #expect(isGood(sample))
            for other: SignatureScheme in [.pkcs1(.sha256), .pss(.sha256)]
            where other != sample.scheme {
                #expect(!key.verify(
                    signature: sample.signature, message: sample.message, scheme: other))
            }
            #expect(isGood(sample))
        }
    }

    @Test("KEY-15 However many keys come and go, a thread keeps no more than 16 contexts")
    func bounded() throws {
        let sample = SampleSignature.ed25519
        for number in UInt8(0)..<60 {
            let strange = try #require(PublicKey(.ed25519, point: [UInt8](repeating: number, count: 32)))
            #expect(!strange.verify(
                signature: sample.signature, message: sample.message, scheme: sample.scheme))
            #expect(VerifyingLane.borrow { $0.keptCount } <= 16)
            #expect(isGood(sample))
        }
    }

    @Test("A thread's contexts end with it")
    func threadEnd() throws {
        final class Box: @unchecked Sendable { weak var lane: VerifyingLane?; var isGood = false }
        let box = Box()
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { argument in
            let box = Unmanaged<Box>.fromOpaque(argument!).takeUnretainedValue()
            VerifyingLane.borrow { box.lane = $0 }
            let sample = SampleSignature.es256
            box.isGood = sample.key?.verify(
                signature: sample.signature, message: sample.message, scheme: sample.scheme) ?? false
            if box.lane == nil { box.isGood = false }
            return nil
        }, Unmanaged.passUnretained(box).toOpaque())
        try #require(status == 0)
        pthread_join(thread, nil)
        #expect(box.isGood)
        #expect(box.lane == nil)
    }

    @Test("SIG-09 A signature that was refused for one message is good for its own right after")
    func refusedForAnother() throws {
        for sample in SampleSignature.good where !sample.message.isEmpty {
            let key = try #require(sample.key)
            var other = sample.message
            other[0] ^= 1
            for message in [other, sample.message, other, other, other, sample.message] {
                #expect(
                    key.verify(
                        signature: sample.signature, message: message, scheme: sample.scheme)
                        == (message == sample.message))
            }
        }
    }

    @Test("SIG-01 Halves that begin with zeros, or with a high bit, are numbers like others")
    func leadingZeros() {
        #expect(SampleSignature.es512.signature[0] == 0)
        #expect(isGood(.es512))
        #expect(!isGood(.es512, bent: true))
        #expect(SampleSignature.es256.signature[0] >= 0x80)
        #expect(isGood(.es256))
    }
}
