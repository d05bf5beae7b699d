import CCloakroom
import Encodings
import Glibc

/// Texts that a handle gives out: they stay where they are until it is freed.
///
/// Swift may move an array; these bytes are never touched again once they are placed.  Whatever is
/// asked for together lies in one block.
@safe final class Shelf {
    /// Of what is asked for by itself: reason, body, claims.
    private var blocks: [UnsafeMutableRawBufferPointer] = unsafe []

    func place(_ text: ByteString) -> cloakroom_str {
        // One byte more than needed: an empty text is present, not absent.
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count + 1, alignment: 1)
        unsafe blocks.append(block)
        var end = 0
        return unsafe Self.put(text, block, &end)
    }

    /// - Parameter fields: a nil value becomes an absent slice.
    func place(_ fields: some Collection<(ByteString, ByteString?)>)
        -> UnsafeBufferPointer<cloakroom_header>
    {
        let table = unsafe fields.count * MemoryLayout<cloakroom_header>.stride
        let size = fields.reduce(table) { $0 + $1.0.count + ($1.1?.count ?? 0) + 2 }
        let block = unsafe UnsafeMutableRawBufferPointer.allocate(
            byteCount: size, alignment: MemoryLayout<cloakroom_header>.alignment)
        unsafe blocks.append(block)
        var end = table
        let headers = unsafe UnsafeMutableRawBufferPointer(rebasing: block[..<table])
            .bindMemory(to: cloakroom_header.self)
        for (index, field) in fields.enumerated() {
            let name = unsafe Self.put(field.0, block, &end)
            let value = unsafe field.1.map { unsafe Self.put($0, block, &end) } ?? .absent
            // SAFETY: index < fields.count, for which the table was made.
            unsafe headers.initializeElement(
                at: index, to: cloakroom_header(name: name, value: value))
        }
        return UnsafeBufferPointer(headers)
    }

    private static func put(
        _ text: ByteString, _ block: UnsafeMutableRawBufferPointer, _ end: inout Int
    ) -> cloakroom_str {
        // SAFETY: the block was made for all of its texts and a byte behind each.
        let place = unsafe UnsafeMutableRawBufferPointer(rebasing: block[end...])
        unsafe text.bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
        end += text.count + 1
        return unsafe cloakroom_str(
            data: UnsafeRawPointer(place.baseAddress)?.assumingMemoryBound(to: CChar.self),
            len: text.count)
    }

    deinit {
        // SAFETY: allocated above, freed once; tokens among them are wiped.
        for unsafe block in unsafe blocks {
            if let start = block.baseAddress { unsafe explicit_bzero(start, block.count) }
            unsafe block.deallocate()
        }
    }
}
