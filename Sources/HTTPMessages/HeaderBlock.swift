package import Encodings
import Glibc

/// Header fields as a host takes them over: in one block of memory that stays where it is, and is
/// wiped when the last owner goes, since tokens are among them.
@safe package final class HeaderBlock: @unchecked Sendable {
    /// A field's name and value where they lie, for as long as the block lives; a nil value is
    /// absent.
    package typealias Place = (UnsafeRawBufferPointer, UnsafeRawBufferPointer?)

    // SAFETY: written in `init` only.
    private let memory: UnsafeMutableRawBufferPointer
    private let places: [Place]

    /// - Parameter fields: a nil value is absent.
    package init(_ fields: [(ByteString, ByteString?)]) {
        var size = 0
        for field in fields { size += field.0.count + (field.1?.count ?? 0) }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 1, alignment: 1)
        var end = 0
        func put(_ text: ByteString) -> UnsafeRawBufferPointer {
            // SAFETY: the block was made for all of the texts.
            let place = unsafe UnsafeMutableRawBufferPointer(
                rebasing: memory[end..<end + text.count])
            unsafe text.bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
            end += text.count
            return UnsafeRawBufferPointer(place)
        }
        unsafe places = unsafe fields.map { name, value in
            let name = unsafe put(name)
            return unsafe (name, value.map(put))
        }
        unsafe self.memory = memory
    }

    deinit {
        // SAFETY: allocated in `init`, freed once.
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
        unsafe memory.deallocate()
    }

    package var count: Int { unsafe places.count }

    /// - Returns: nil behind the last one.
    package func place(_ index: Int) -> Place? {
        unsafe index >= 0 && index < places.count ? unsafe places[index] : nil
    }
}
