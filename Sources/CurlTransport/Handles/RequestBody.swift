import Encodings

/// A request body at a fixed place, where libcurl reads it without a copy; wiped when it goes.
@safe
struct RequestBody: ~Copyable {
    private let bytes: UnsafeMutableRawBufferPointer

    var start: UnsafeMutableRawPointer? { unsafe bytes.baseAddress }
    var count: Int { unsafe bytes.count }

    /// One byte is added, as an empty allocation has no address: libcurl would read the body by
    /// its read function then, which is standard input.
    init(_ body: ByteString) {
        unsafe storage = .allocate(byteCount: body.count + 1, alignment: 1)
        // SAFETY: both have `body.count` bytes, the copy's last is the added one.
        unsafe storage.copyBytes(from: body.bytes)
        unsafe bytes = UnsafeMutableRawBufferPointer(rebasing: storage[..<body.count])
    }
    private let storage: UnsafeMutableRawBufferPointer

    deinit {
        unsafe Memory.wipe(bytes)
        unsafe storage.deallocate()
    }
}
