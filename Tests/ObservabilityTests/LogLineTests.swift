import Encodings
import Observability
import Testing

@Suite struct LogLineTests {
    @Test("HYG-06 HDR-13 A line stays one line of printable ASCII, whatever stands in it")
    func escaped() {
        let all = ByteString([UInt8](0...255))
        let line = LogLine(.info, all).text
        #expect(line.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        #expect(LogLine(.info, "kid\r\n[error] x").text == "kid\\x0d\\x0a[error] x")
        #expect(LogLine(.info, "\u{1B}[31m").text == "\\x1b[31m")
        #expect(LogLine(.info, "ü\u{0}").text == "\\xc3\\xbc\\x00")
        #expect(LogLine(.info, "plain, as it is").text == "plain, as it is")
    }

    @Test("HYG-06 A line is cut after 1,000 bytes of what was given")
    func cut() {
        let longest = ByteString([UInt8](repeating: 0x61, count: 1_000))
        #expect(LogLine(.info, longest).text == longest)
        #expect(LogLine(.info, longest + "b").text == longest + "...")
        let hostile = ByteString([UInt8](repeating: 0x0A, count: 1 << 20))
        #expect(LogLine(.info, hostile).text.count == 4_003)
    }

    @Test("Levels are ordered from emergency to debug, by the numbers of the C interface")
    func levels() {
        let levels: [LogLevel] = [.debug, .error, .emergency, .info, .warning]
        #expect(levels.sorted() == [.emergency, .error, .warning, .info, .debug])
        #expect(levels.sorted().map(\.rawValue) == [-1, 0, 1, 2, 3])
    }
}
