import Encodings
import Testing

@Suite("Base64url into memory that is there")
struct ScratchTests {
    private let scratch = Scratch(capacity: 100)

    private func decode(_ text: [UInt8], at offset: Int = 0) -> [UInt8]? {
        guard let count = Base64URL.decode(text.span, into: scratch, at: offset) else { return nil }
        let bytes = scratch.bytes
        // What a cursor relies on.
        #expect(bytes.word(at: offset + count) == 0)
        return (offset..<offset + count).map { bytes[$0] }
    }

    @Test("FMT-04 Every length up to 70 bytes decodes as with the other decoder, wherever it lies")
    func lengths() {
        for count in 0...70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 151 &+ count &* 13) }
            let text = Base64URL.encode(bytes)
            #expect(decode(text.bytes) == bytes)
            #expect(decode(text.bytes, at: 13) == bytes)
        }
    }

    @Test("FMT-02 FMT-03 FMT-04 Every character at every place: both decoders agree")
    func characters() {
        for count in [1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 18, 19] {
            let good = [UInt8](repeating: 0x41, count: count)
            for place in 0..<count {
                for character in UInt8.min...UInt8.max {
                    var text = good
                    text[place] = character
                    #expect(decode(text) == Base64URL.decode(ByteString(text)))
                }
            }
        }
    }

    @Test("What does not fit is not decoded, and nothing is written behind the end")
    func room() {
        let text = [UInt8](repeating: 0x41, count: 120)
        #expect(decode(text) == [UInt8](repeating: 0, count: 90))
        #expect(decode(text, at: 8) == nil)
        #expect(decode(text, at: -1) == nil)
        #expect(decode([UInt8](repeating: 0x41, count: 136)) == nil)
        #expect(decode([UInt8](repeating: 0x41, count: 9_999)) == nil)
    }
}
