import Encodings

extension CookieHeader {
    /// What stays of a line when our cookie is taken out: written where it is wanted.
    package struct Remainder: Sendable {
        /// Where the cookie's value lies.
        fileprivate let value: Range<Int>
        /// Bytes; 0 where nothing stays.
        package let count: Int

        /// - Parameters:
        ///   - line: the one that was split.
        ///   - output: with room for ``count`` bytes.
        package func write(_ line: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
            var isFirst = true
            forEachPair(line) { start, end in
                guard end != value.upperBound else { return }
                if !isFirst {
                    output.append(0x3B)
                    output.append(0x20)
                }
                isFirst = false
                for index in start..<end { output.append(line[index]) }
            }
        }
    }

    /// Takes one line apart where that is simple: this provider's session cookie once, and no
    /// other cookie of ours.
    /// - Returns: where its value lies, and the line without it; nil where a closer look is needed.
    package static func split(
        _ line: Span<UInt8>, _ names: GuardedCookies
    ) -> (value: Range<Int>, kept: Remainder)? {
        let session = names.sessionName.span
        var value: Range<Int>?
        var isSimple = true
        var kept = 0
        forEachPair(line) { start, end in
            let equals = start + session.count
            guard equals <= end, line.extracting(start..<equals).isEqual(to: session) else {
                if names.hasOther(line.extracting(start..<end)) { isSimple = false }
                kept += end - start + (kept == 0 ? 0 : 2)
                return
            }
            guard equals < end, line[equals] == 0x3D, value == nil else { return isSimple = false }
            value = equals + 1..<end
        }
        guard isSimple, let value else { return nil }
        return (value, Remainder(value: value, count: kept))
    }
}

extension GuardedCookies {
    /// - Parameter pair: `name=value`.
    fileprivate func hasOther(_ pair: Span<UInt8>) -> Bool {
        guard !others.isEmpty, let end = pair.position(of: 0x3D, from: 0) else { return false }
        return contains(ByteString(copying: pair.extracting(..<end)))
    }
}

/// Each non-empty part between semicolons, without the white space around it.
@inline(__always)
private func forEachPair(_ line: Span<UInt8>, _ body: (_ start: Int, _ end: Int) -> Void) {
    func isSpace(_ index: Int) -> Bool { line[index] == 0x20 || line[index] == 0x09 }
    var next = 0
    while next < line.count {
        var (start, end) = (next, line.position(of: 0x3B, from: next) ?? line.count)
        next = end + 1
        while start < end, isSpace(start) { start += 1 }
        while end > start, isSpace(end - 1) { end -= 1 }
        if start < end { body(start, end) }
    }
}
