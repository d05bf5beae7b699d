package import Encodings
import Glibc

/// Header fields as a host takes them over: in one block of memory that stays where it is, and is
/// wiped when the last owner goes, since tokens are among them.
@safe package final class HeaderBlock: @unchecked Sendable {
    // SAFETY: written in `init` only.
    private let memory: UnsafeMutableRawBufferPointer
    private let ends: [(name: Int, value: Int?)]

    /// - Parameter fields: a nil value is absent.
    package init(_ fields: [(ByteString, ByteString?)]) {
        var size = 0
        for field in fields { size += field.0.count + (field.1?.count ?? 0) }
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size + 1, alignment: 1)
        var ends: [(name: Int, value: Int?)] = []
        ends.reserveCapacity(fields.count)
        var end = 0
        func put(_ text: ByteString) -> Int {
            // SAFETY: the block was made for all of the texts.
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[end...])
            unsafe text.bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
            end += text.count
            return end
        }
        for field in fields {
            let name = put(field.0)
            ends.append((name, field.1.map(put)))
        }
        unsafe self.memory = memory
        self.ends = ends
    }

    deinit {
        // SAFETY: allocated in `init`, freed once.
        if let start = unsafe memory.baseAddress { unsafe explicit_bzero(start, memory.count) }
        unsafe memory.deallocate()
    }

    package var count: Int { ends.count }

    /// A field's name and value where they lie, for as long as the block lives.
    /// - Returns: nil behind the last one; a nil value is absent.
    package func place(_ index: Int) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer?)? {
        guard ends.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : ends[index - 1].value ?? ends[index - 1].name
        let (name, value) = ends[index]
        // SAFETY: the numbers were counted while the block was filled.
        return unsafe (
            UnsafeRawBufferPointer(rebasing: memory[start..<name]),
            value.map { unsafe UnsafeRawBufferPointer(rebasing: memory[name..<$0]) }
        )
    }
}
