import CCloakroom
import Encodings

/// Slices that cross the C interface: borrowed in, handle-owned out.

extension ByteString {
    /// A copy of a borrowed slice; nil where it is absent.
    ///
    /// - Returns: nil as well for an impossible slice, which is misuse.
    init?(_ slice: cloakroom_str) {
        guard let data = unsafe slice.data, unsafe slice.isPossible else { return nil }
        // SAFETY: the host promises `len` readable bytes for the time of the call.
        let bytes = unsafe UnsafeBufferPointer(start: data, count: slice.len)
        self.init(unsafe bytes.withMemoryRebound(to: UInt8.self) { unsafe Array($0) })
    }

    /// An absent slice is an empty text.
    static func orEmpty(_ slice: cloakroom_str) -> ByteString { unsafe ByteString(slice) ?? "" }

    /// Lends the bytes to C for the time of a call.
    func withSlice(_ body: (cloakroom_str) -> Void) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { letters in
                // SAFETY: lent for the time of the call only.
                unsafe body(cloakroom_str(data: letters.baseAddress, len: letters.count))
            }
        }
    }
}

extension cloakroom_str {
    static var absent: Self { unsafe Self(data: nil, len: 0) }

    /// False where it claims a length without data, or one that no memory has: a `size_t` beyond
    /// `Int.max` arrives as a negative number.
    var isPossible: Bool { unsafe len == 0 || (len > 0 && data != nil) }

    /// What counts where a policy is absent.
    static var defaultPolicy: Self { unsafe Self("default") }

    /// What lies there, for as long as it lies there.
    init(_ bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            data: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }

    init(_ text: StaticString) {
        // SAFETY: a StaticString lives for ever.
        unsafe self.init(
            data: UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self),
            len: text.utf8CodeUnitCount)
    }

    /// The borrowed bytes as a span, for the time of the call.
    func withSpan<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        guard let data = unsafe data, unsafe len > 0 else {
            let empty: [UInt8] = []
            return body(empty.span)
        }
        // SAFETY: the host promises `len` readable bytes for the time of the call.
        return unsafe data.withMemoryRebound(to: UInt8.self, capacity: len) { bytes in
            body(unsafe Span(_unsafeStart: bytes, count: len))
        }
    }
}
