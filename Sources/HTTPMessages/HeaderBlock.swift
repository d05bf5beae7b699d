package import Encodings

/// Header fields as a host takes them over: in one block of memory that stays where it is, and is
/// wiped when the last owner goes, since tokens are among them.
@safe package final class HeaderBlock: @unchecked Sendable {
    /// A field where it lies, for as long as the block lives, as C has it: two starts, each with
    /// its length.  No value is absent.
    package typealias Field = (
        name: UnsafePointer<CChar>?, nameLength: Int, value: UnsafePointer<CChar>?,
        valueLength: Int
    )

    // SAFETY: written in `init` only.
    /// Fields, and behind them their bytes.
    private let memory: UnsafeMutableRawBufferPointer
    package let fields: UnsafeBufferPointer<Field>

    /// - Parameter texts: a nil value is absent.
    package init(_ texts: [(ByteString, ByteString?)]) {
        var size = 0
        for (name, value) in texts { size += name.count + (value?.count ?? 0) }
        let layout = unsafe (MemoryLayout<Field>.stride, MemoryLayout<Field>.alignment)
        let head = texts.count * layout.0
        let memory = UnsafeMutableRawBufferPointer.allocate(
            byteCount: head + size + 1, alignment: layout.1)
        // SAFETY: the block was made for the fields and all of the texts.
        let fields = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<head])
            .bindMemory(to: Field.self)
        let bytes = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[head...])
            .bindMemory(to: CChar.self)
        var end = 0
        func put(_ text: ByteString) -> UnsafePointer<CChar>? {
            let start = unsafe bytes.baseAddress.map { unsafe UnsafePointer($0 + end) }
            for byte in text.bytes {
                unsafe bytes[end] = CChar(bitPattern: byte)
                end += 1
            }
            return unsafe start
        }
        for (index, (name, value)) in texts.enumerated() {
            let field: Field = unsafe (
                put(name), name.count, value.flatMap { unsafe put($0) }, value?.count ?? 0
            )
            unsafe fields.initializeElement(at: index, to: field)
        }
        unsafe self.memory = memory
        unsafe self.fields = UnsafeBufferPointer(fields)
    }

    deinit {
        // SAFETY: allocated in `init`, freed once.
        unsafe Memory.wipe(memory)
        unsafe memory.deallocate()
    }
}
