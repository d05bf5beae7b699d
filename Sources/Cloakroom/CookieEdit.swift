import CCloakroom
import Encodings
import Glibc

/// What a request's own `Cookie` field becomes, where the rest of the answer is shared.
@safe final class CookieEdit {
    // SAFETY: allocated in `init`, freed in `deinit`, and never written in between.
    private let value: UnsafeMutableRawBufferPointer?

    /// - Parameter value: nil only removes the field.
    init(_ value: ByteString?) {
        unsafe self.value = value.map { text in
            let place = UnsafeMutableRawBufferPointer.allocate(
                byteCount: text.count, alignment: 1)
            unsafe text.bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
            return unsafe place
        }
    }

    deinit {
        guard let value = unsafe value, let start = value.baseAddress else { return }
        unsafe explicit_bzero(start, value.count)
        unsafe value.deallocate()
    }

    var header: cloakroom_header {
        unsafe cloakroom_header(
            name: cloakroom_str("Cookie"),
            value: value.map { unsafe cloakroom_str(UnsafeRawBufferPointer($0)) } ?? .absent)
    }
}
