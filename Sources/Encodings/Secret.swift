import Glibc

/// Bytes that must not leak: never printed, compared in constant time, wiped when the last copy
/// goes.
///
/// What ``reveal()`` hands out is an ordinary copy that nobody wipes: keep it short-lived.
package struct Secret: Hashable, Sendable {
    private let storage: Storage

    package init(_ text: ByteString) { storage = Storage(text.span) }
    package init(_ bytes: [UInt8]) { storage = Storage(bytes.span) }
    package init(copying bytes: Span<UInt8>) { storage = Storage(bytes) }

    package var count: Int { storage.count }
    package var isEmpty: Bool { storage.count == 0 }

    package func reveal() -> ByteString { withBytes { ByteString(copying: $0) } }

    /// Lends the bytes without a copy.
    package func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        storage.withBytes(body)
    }

    package static func == (left: Self, right: Self) -> Bool {
        left.withBytes { left in right.withBytes { ConstantTime.equals(left, $0) } }
    }
    package func hash(into hasher: inout Hasher) {
        withBytes { bytes in
            for index in bytes.indices { hasher.combine(bytes[index]) }
        }
    }

    /// The one place where the bytes live.
    @safe private final class Storage: @unchecked Sendable {
        private let memory: UnsafeMutableBufferPointer<UInt8>

        init(_ bytes: Span<UInt8>) {
            // SAFETY: as many bytes are allocated as are copied; nothing is written later.
            unsafe memory = .allocate(capacity: bytes.count)
            unsafe bytes.withUnsafeBufferPointer { _ = unsafe memory.initialize(from: $0) }
        }

        deinit {
            // SAFETY: the last owner; the memory was allocated with this size in `init`.
            if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
            unsafe memory.deallocate()
        }

        var count: Int { unsafe memory.count }
        func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
            // SAFETY: the memory is initialised and lives as long as `self`; the span can not
            // outlive the call.
            unsafe body(memory.span)
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "…" }
    package var debugDescription: String { "…" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
