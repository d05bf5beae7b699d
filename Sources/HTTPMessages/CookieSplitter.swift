import Encodings

/// Takes a request's only `Cookie` line apart where that is simple: the session cookie of one
/// provider once, and no other cookie of ours.
package final class CookieSplitter: Sendable {
    private let sessionName: ByteString
    /// Empty where there is no other provider.
    private let others: [GuardedCookies]

    package init(_ names: GuardedCookies) {
        sessionName = names.sessionName
        others = names.others
    }

    /// What stays of a line: written where it is wanted.
    package struct Remainder: Sendable {
        /// Where the session cookie's value lies.
        package let value: Range<Int>
        /// Bytes; 0 where nothing stays.
        package let count: Int

        /// - Parameters:
        ///   - line: the one that was split.
        ///   - output: with room for ``count`` bytes.
        package func write(_ line: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
            var isFirst = true
            forEachPair(line) { start, end in
                // Room there is, unless somebody changes the line meanwhile.
                let size = end &- start &+ (isFirst ? 0 : 2)
                guard end != value.upperBound, size <= output.freeCapacity else { return }
                if !isFirst {
                    output.append(0x3B)
                    output.append(0x20)
                }
                isFirst = false
                output.append(line.extracting(start..<end))
            }
        }
    }

    /// - Returns: nil where a closer look is needed.
    package func split(_ line: Span<UInt8>) -> Remainder? {
        let name = sessionName
        var value: Range<Int>?
        var isSimple = true
        var kept = 0
        forEachPair(line) { start, end in
            let equals = start &+ name.count
            guard equals <= end, name.isEqual(to: line.extracting(start..<equals)) else {
                if hasOther(line.extracting(start..<end)) { isSimple = false }
                kept = kept &+ (end &- start) &+ (kept == 0 ? 0 : 2)
                return
            }
            guard equals < end, line[equals] == 0x3D, value == nil else { return isSimple = false }
            value = equals &+ 1..<end
        }
        guard isSimple, let value, kept == 0 || !line.breaksLine else { return nil }
        return Remainder(value: value, count: kept)
    }

    /// - Parameter pair: `name=value`.
    private func hasOther(_ pair: Span<UInt8>) -> Bool {
        guard !others.isEmpty, let end = pair.position(of: 0x3D, from: 0) else { return false }
        let name = ByteString(copying: pair.extracting(..<end))
        return others.contains { $0.contains(name) }
    }
}

extension Span<UInt8> {
    fileprivate var breaksLine: Bool {
        position(of: 0x0A, from: 0) != nil || position(of: 0x0D, from: 0) != nil
            || position(of: 0x00, from: 0) != nil
    }
}

/// Each non-empty part between semicolons, without the white space around it.
@inline(__always)
private func forEachPair(_ line: Span<UInt8>, _ body: (_ start: Int, _ end: Int) -> Void) {
    func isSpace(_ index: Int) -> Bool { line[index] == 0x20 || line[index] == 0x09 }
    var next = 0
    while next < line.count {
        var (start, end) = (next, line.position(of: 0x3B, from: next) ?? line.count)
        next = end &+ 1
        while start < end, isSpace(start) { start &+= 1 }
        while end > start, isSpace(end &- 1) { end &-= 1 }
        if start < end { body(start, end) }
    }
}

extension OutputSpan<UInt8> {
    /// All of them, or none where there is no room.
    fileprivate mutating func append(_ bytes: Span<UInt8>) {
        guard bytes.count <= freeCapacity else { return }
        unsafe withUnsafeMutableBufferPointer { buffer, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let start = buffer.baseAddress else { return }
                // SAFETY: the room was checked; the two do not overlap.
                unsafe (start + count).initialize(from: from, count: source.count)
                count &+= source.count
            }
        }
    }
}
