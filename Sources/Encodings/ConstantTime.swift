/// Comparison that takes the same time wherever two values differ.
package enum ConstantTime {
    /// The lengths are not secret: different lengths are unequal at once.
    @inline(never)
    package static func equals(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    package static func equals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        equals(left.span, right.span)
    }

    package static func equals(_ left: ByteString, _ right: ByteString) -> Bool {
        equals(left.span, right.span)
    }
}
