import Glibc

/// What is done with memory that held secrets.
package enum Memory {
    /// Overwrites memory in a way that the compiler does not leave out.  Corresponds to
    /// `explicit_bzero`.
    package static func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        // SAFETY: exactly the bytes of the buffer.
        unsafe explicit_bzero(start, bytes.count)
    }
}
