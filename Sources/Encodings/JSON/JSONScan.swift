/// One pass over a document before the parser sees it: limits, and what the parser would let by.
///
/// It does not judge grammar; whatever it passes, the parser still has to accept.  jansson alone
/// would recurse 2,048 deep, build any number of values, and swallow a NUL byte after a number.
struct JSONScan {
    private let limits: JSONLimits
    private var values = 0
    /// Separators seen so far in each open array or object.
    private var open: [Int] = []

    static func check(_ document: Span<UInt8>, _ limits: JSONLimits) throws(JSONError) {
        guard document.count <= limits.bytes else { throw .limitExceeded }
        if document.count >= 3, document[0] == 0xEF, document[1] == 0xBB, document[2] == 0xBF {
            throw .forbiddenCharacter
        }
        var scan = JSONScan(limits: limits)
        var position = 0
        while position < document.count {
            let byte = document[position]
            position &+= 1
            switch byte {
            case 0: throw .forbiddenCharacter
            case 0x22: position = try scan.string(document, from: position)
            case 0x5B, 0x7B: try scan.enter()
            case 0x5D, 0x7D: _ = scan.open.popLast()
            case 0x2C: try scan.separate()
            default: break
            }
        }
    }

    private init(limits: JSONLimits) { self.limits = limits }

    private mutating func enter() throws(JSONError) {
        guard open.count < limits.depth else { throw .limitExceeded }
        open.append(0)
        try count()
    }

    private mutating func separate() throws(JSONError) {
        if let separators = open.popLast() {
            guard separators &+ 1 < limits.members else { throw .limitExceeded }
            open.append(separators &+ 1)
        }
        try count()
    }

    private mutating func count() throws(JSONError) {
        guard values < limits.values else { throw .limitExceeded }
        values &+= 1
    }

    /// - Returns: the position after the closing quote, or the end where there is none.
    private func string(_ document: Span<UInt8>, from start: Int) throws(JSONError) -> Int {
        var position = start
        while position < document.count {
            let byte = document[position]
            position &+= 1
            switch byte {
            case 0: throw .forbiddenCharacter
            case 0x22:
                guard position &- 1 &- start <= limits.stringBytes else { throw .limitExceeded }
                return position
            case 0x5C:
                if Self.isEscapedNUL(document, position) { throw .forbiddenCharacter }
                position &+= 1
            default: break
            }
        }
        return document.count
    }

    /// Whether `u0000` stands here, after a backslash.
    private static func isEscapedNUL(_ document: Span<UInt8>, _ position: Int) -> Bool {
        guard document.count &- position >= 5, document[position] == 0x75 else { return false }
        return (1...4).allSatisfy { document[position &+ $0] == 0x30 }
    }
}
