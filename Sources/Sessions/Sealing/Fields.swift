import Encodings

/// Writes fields one behind the other, each with its length, so that no two lists of fields give
/// the same bytes.
struct FieldWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ field: ByteString) {
        write(Int64(field.count))
        bytes += field.bytes
    }

    mutating func write(_ number: Int64) {
        let bits = UInt64(bitPattern: number)
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
    }

    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func write(_ field: ByteString?) {
        write(field != nil)
        if let field { write(field) }
    }

    mutating func write(_ number: Int64?) {
        write(number != nil)
        if let number { write(number) }
    }
}

/// Reads what a ``FieldWriter`` wrote; once something does not fit, nothing does any more.
struct FieldReader {
    private var rest: ArraySlice<UInt8>
    private var isSound = true

    init(_ bytes: some Sequence<UInt8>) { rest = ArraySlice(bytes) }

    /// Whether all was well, and nothing is left over.
    var isComplete: Bool { isSound && rest.isEmpty }

    /// The next bytes; none where there are not enough.
    mutating func bytes(_ count: Int) -> [UInt8] {
        guard isSound, count >= 0, count <= rest.count else {
            isSound = false
            return []
        }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    /// Everything up to the end.
    mutating func remainder() -> [UInt8] { bytes(rest.count) }

    mutating func field() -> ByteString {
        ByteString(bytes(Int(truncatingIfNeeded: number())))
    }

    mutating func number() -> Int64 {
        Int64(bitPattern: bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    mutating func flag() -> Bool {
        switch bytes(1).first {
        case 0: return false
        case 1: return true
        default:
            isSound = false
            return false
        }
    }

    mutating func optionalField() -> ByteString? { flag() ? field() : nil }
    mutating func optionalNumber() -> Int64? { flag() ? number() : nil }
}
