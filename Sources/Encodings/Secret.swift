import Glibc

/// Bytes that must not leak: never printed, compared in constant time, wiped when the last copy
/// goes.
///
/// What ``reveal()`` hands out is an ordinary copy that nobody wipes: keep it short-lived.
package struct Secret: Hashable, @unchecked Sendable {
    /// Never written after it was made.
    private let storage: Storage

    package init(_ text: ByteString) { storage = .holding(text.span) }
    package init(_ bytes: [UInt8]) { storage = .holding(bytes.span) }
    package init(copying bytes: Span<UInt8>) { storage = .holding(bytes) }

    package var count: Int { storage.count }
    package var isEmpty: Bool { count == 0 }

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
    /// Behind its count, so that a secret is one piece of memory.
    @safe private final class Storage: ManagedBuffer<Int, UInt8> {
        static func holding(_ bytes: Span<UInt8>) -> Storage {
            let buffer = create(minimumCapacity: bytes.count) { _ in bytes.count }
            // SAFETY: as many bytes are allocated as are copied; nothing is written later.
            unsafe buffer.withUnsafeMutablePointerToElements { memory in
                unsafe bytes.withUnsafeBufferPointer { bytes in
                    guard let start = bytes.baseAddress else { return }
                    unsafe memory.initialize(from: start, count: bytes.count)
                }
            }
            // SAFETY: `create` makes an object of the class that it is called on.
            return unsafe unsafeDowncast(buffer, to: Storage.self)
        }

        deinit {
            // SAFETY: the last owner; that many bytes were written.
            _ = unsafe withUnsafeMutablePointers { count, memory in
                unsafe explicit_bzero(memory, count.pointee)
            }
        }

        var count: Int { unsafe withUnsafeMutablePointerToHeader { unsafe $0.pointee } }

        func withBytes<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
            // SAFETY: the memory is initialised and lives as long as `self`; the span can not
            // outlive the call.
            unsafe withUnsafeMutablePointers { count, memory in
                body(unsafe Span(_unsafeStart: memory, count: count.pointee))
            }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "…" }
    package var debugDescription: String { "…" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
