/// Times as transcripts write them: from the beginning of the test.
enum ClockText {
    /// `+00:05:00`, with thousandths where they are not 0.
    static func text(milliseconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = abs(milliseconds) / 1_000
        let rest = abs(milliseconds) % 1_000
        let sign = milliseconds < 0 ? "-" : "+"
        let clock =
            sign + two(seconds / 3_600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60)
        return rest == 0 ? clock : clock + "." + String(1_000 + rest).dropFirst()
    }

    /// Of `+00:05:00`, `+00:00:00.250`, `+300` or `-300`.
    static func milliseconds(_ text: some StringProtocol) -> Int64? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let halves = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        guard let clock = halves.first, halves.count <= 2 else { return nil }
        var seconds: Int64 = 0
        for part in clock.split(separator: ":", omittingEmptySubsequences: false) {
            guard let number = Int64(part), number >= 0 else { return nil }
            seconds = seconds * 60 + number
        }
        var rest: Int64 = 0
        if halves.count == 2 {
            guard halves[1].count == 3, let number = Int64(halves[1]) else { return nil }
            rest = number
        }
        return (seconds * 1_000 + rest) * (sign == "-" ? -1 : 1)
    }
}
