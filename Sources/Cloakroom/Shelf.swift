import CCloakroom
import Encodings

/// Texts that a handle gives out one by one: they stay where they are until it is freed.
///
/// Swift may move an array; these bytes are never touched again once they are placed.
@safe final class Shelf {
    private var places: [UnsafeMutableRawBufferPointer] = unsafe []

    func place(_ text: ByteString) -> cloakroom_str {
        // One byte more than needed: an empty text is present, not absent.
        let place = UnsafeMutableRawBufferPointer.allocate(byteCount: text.count + 1, alignment: 1)
        unsafe places.append(place)
        // SAFETY: the place was made for the text and is not touched again.
        unsafe text.bytes.withUnsafeBytes { unsafe place.copyMemory(from: $0) }
        return unsafe cloakroom_str(
            UnsafeRawBufferPointer(rebasing: place[..<text.count]))
    }

    deinit {
        // SAFETY: allocated above, freed once; claims are among them, so they are wiped.
        for unsafe place in unsafe places {
            unsafe Memory.wipe(place)
            unsafe place.deallocate()
        }
    }
}
