import Encodings
import Testing

@Suite("Secrets")
struct SecretTests {
    @Test("HYG-05 A secret never shows its bytes")
    func silence() {
        let secret = Secret("open sesame")
        var dumped = ""
        dump([secret], to: &dumped)
        let shown = ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped]
        for text in shown {
            #expect(!text.contains("sesame"))
            #expect(!text.contains("115"))
        }
        #expect(secret.reveal() == "open sesame")
    }

    @Test("Equality looks at every byte", arguments: 0..<8)
    func equality(index: Int) {
        let bytes = [UInt8](repeating: 7, count: 8)
        var other = bytes
        other[index] ^= 1
        #expect(Secret(bytes) == Secret(bytes))
        #expect(Secret(bytes) != Secret(other))
        #expect(ConstantTime.equals(bytes, bytes))
        #expect(!ConstantTime.equals(bytes, other))
    }

    @Test("A prefix is not equal, and nothing equals nothing")
    func lengths() {
        #expect(!ConstantTime.equals([1, 2], [1, 2, 3]))
        #expect(!ConstantTime.equals([], [0]))
        #expect(ConstantTime.equals([], []))
        #expect(Secret("").isEmpty)
    }
}
