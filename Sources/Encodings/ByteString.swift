import Glibc

/// UTF-8 text that is compared, hashed and ordered byte for byte.
///
/// Swift's `String` calls two texts equal that differ in Unicode normalisation; an issuer, a claim
/// or a header must never be matched that way.
/// - Source: RFC 7515 §5.3, §10.13; RFC 8259 §8.3.
package struct ByteString: Sendable {
    package var bytes: [UInt8]

    package init() { bytes = [] }
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(_ number: some BinaryInteger) { bytes = Array(String(number).utf8) }
    package init(copying span: Span<UInt8>) {
        // SAFETY: the buffer is the span's own and is copied at once.
        bytes = unsafe span.withUnsafeBufferPointer { unsafe Array($0) }
    }

    package var count: Int { bytes.count }
    package var isEmpty: Bool { bytes.isEmpty }
    package var span: Span<UInt8> {
        @_lifetime(borrow self) borrowing get { bytes.span }
    }
    /// For log lines and messages; bytes that are no UTF-8 become U+FFFD.
    package var string: String { String(decoding: bytes, as: UTF8.self) }
}

/// Whole blocks at a time: tokens are compared and hashed with every request.
extension ByteString: Hashable {
    /// With a literal, without making a text of it first.
    package static func == (left: Self, right: StaticString) -> Bool {
        guard left.count == right.utf8CodeUnitCount else { return false }
        return unsafe left.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return true }
            // SAFETY: both are `count` bytes long; a StaticString lives for ever.
            return unsafe memcmp(start, right.utf8Start, bytes.count) == 0
        }
    }

    /// As `==`, with bytes that lie elsewhere.
    package func isEqual(to span: Span<UInt8>) -> Bool {
        guard count == span.count else { return false }
        return unsafe bytes.withUnsafeBufferPointer { own in
            unsafe span.withUnsafeBufferPointer { other in
                guard let first = own.baseAddress, let second = other.baseAddress else {
                    return true
                }
                // SAFETY: both are `count` bytes long.
                return unsafe memcmp(first, second, own.count) == 0
            }
        }
    }

    // Disfavoured, so that a literal is compared where it lies.
    @_disfavoredOverload
    package static func == (left: Self, right: Self) -> Bool {
        guard left.count == right.count else { return false }
        return unsafe left.bytes.withUnsafeBufferPointer { one in
            unsafe right.bytes.withUnsafeBufferPointer { other in
                guard let first = one.baseAddress, let second = other.baseAddress
                else { return true }
                // SAFETY: both are `count` bytes long.
                return unsafe memcmp(first, second, one.count) == 0
            }
        }
    }
    package func hash(into hasher: inout Hasher) {
        // SAFETY: the bytes are read for the time of the call.
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }
}

extension ByteString: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    package init(stringLiteral value: String) { self.init(value) }
}

extension ByteString: Comparable {
    package static func < (left: Self, right: Self) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension ByteString: CustomStringConvertible {
    package var description: String { string }
}

extension ByteString {
    package static func + (left: Self, right: Self) -> Self { Self(left.bytes + right.bytes) }
    package static func += (left: inout Self, right: Self) { left.bytes += right.bytes }

    package func hasPrefix(_ prefix: Self) -> Bool { bytes.starts(with: prefix.bytes) }
    package func hasSuffix(_ suffix: Self) -> Bool {
        count >= suffix.count && bytes.suffix(suffix.count).elementsEqual(suffix.bytes)
    }
    /// - Returns: nil where the text does not begin so.
    package func dropping(prefix: Self) -> Self? {
        hasPrefix(prefix) ? Self(bytes.dropFirst(prefix.count)) : nil
    }
    /// ASCII letters in lower case; all other bytes as they are.
    package var lowercased: Self { Self(bytes.map(ASCII.lowercased)) }

    /// The non-empty words between single separators.
    package func words(separatedBy separator: UInt8 = 0x20) -> [Self] {
        bytes.split(separator: separator).map { Self($0) }
    }
    /// Before and after the first occurrence of a byte, or nil where it does not occur.
    package func divided(at byte: UInt8) -> (Self, Self)? {
        guard let index = bytes.firstIndex(of: byte) else { return nil }
        return (Self(bytes[..<index]), Self(bytes[(index + 1)...]))
    }
}
