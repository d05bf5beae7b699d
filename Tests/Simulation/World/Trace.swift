/// What happened, line by line: time, engine, event.  Kept only when somebody will read it.
final class Trace {
    private(set) var lines: [String] = []
    /// FNV-1a over all lines.
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    let isKept: Bool

    init(isKept: Bool) { self.isKept = isKept }

    func add(_ time: Int64, _ who: String, _ text: () -> String) {
        guard isKept else { return }
        let when = Self.padded(Self.seconds(time), 9, left: true)
        let line = "\(when)  \(Self.padded(who, 9)) \(text())"
        for byte in line.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        lines.append(line)
    }

    /// Milliseconds as seconds with three digits.
    static func seconds(_ milliseconds: Int64) -> String {
        let fraction = String(abs(milliseconds % 1_000))
        return "\(milliseconds / 1_000)." + String(repeating: "0", count: 3 - fraction.count)
            + fraction
    }

    private static func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}
