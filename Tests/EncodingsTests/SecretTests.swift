import Encodings
import Foundation
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

    @Test("HYG-09 A secret that is gone has left nothing in memory")
    func wiping() throws {
        let canary = [UInt8]("canary in memory".utf8)
        let count = 65_536
        var address: UInt64 = 0
        do {
            let secret = Secret([[UInt8]](repeating: canary, count: count / canary.count).flatMap(\.self))
            secret.withBytes { bytes in
                bytes.withUnsafeBytes { address = UInt64(UInt(bitPattern: $0.baseAddress)) }
            }
            #expect(try Self.memory(address, count)?.starts(with: canary) == true)
        }
        // The allocator writes its own notes there, or has given the pages back.
        let left = try Self.memory(address, count) ?? []
        #expect(Data(left).range(of: Data(canary)) == nil)
    }

    /// What lies at an address, whoever it belongs to; nil where nothing does.
    private static func memory(_ address: UInt64, _ count: Int) throws -> [UInt8]? {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: "/proc/self/mem"))
        try file.seek(toOffset: address)
        return (try? file.read(upToCount: count)).map { [UInt8]($0) }
    }

    @Test("HYG-01 Equality looks at every byte", arguments: 0..<8)
    func equality(index: Int) {
        let bytes = [UInt8](repeating: 7, count: 8)
        var other = bytes
        other[index] ^= 1
        #expect(Secret(bytes) == Secret(bytes))
        #expect(Secret(bytes) != Secret(other))
        #expect(ConstantTime.equals(bytes, bytes))
        #expect(!ConstantTime.equals(bytes, other))
    }

    @Test("HYG-01 A prefix is not equal, and nothing equals nothing")
    func lengths() {
        #expect(!ConstantTime.equals([1, 2], [1, 2, 3]))
        #expect(!ConstantTime.equals([], [0]))
        #expect(ConstantTime.equals([], []))
        #expect(Secret("").isEmpty)
    }
}
