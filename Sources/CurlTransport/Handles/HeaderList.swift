import CCurl
import CShims
import Encodings
import Glibc
import HTTPMessages

/// Request header fields in libcurl's form; wiped when they go, since one of them is often the
/// client's secret.
@safe
struct HeaderList: ~Copyable {
    private(set) var pointer: UnsafeMutablePointer<curl_slist>?

    init() { unsafe pointer = nil }

    /// - Returns: false where a name or value could break out of its line, or memory has run out.
    mutating func append(_ field: HeaderField) -> Bool {
        guard !field.name.isEmpty, field.name.bytes.allSatisfy(ASCII.isToken),
            field.value.bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
        else { return false }
        // libcurl takes `Name:` for "leave this field out", `Name;` for "empty".
        return append(
            line: field.value.isEmpty ? field.name + ";" : field.name + ": " + field.value)
    }

    /// Keeps libcurl from adding a field of its own.
    mutating func suppress(_ name: ByteString) -> Bool { append(line: name + ":") }

    private mutating func append(line: ByteString) -> Bool {
        var text = line.bytes.map(CChar.init(bitPattern:)) + [0]
        // SAFETY: the text ends in a NUL and is copied; our copy is wiped in full.
        defer { unsafe text.withUnsafeMutableBytes { unsafe Memory.wipe($0) } }
        guard let longer = unsafe curl_slist_append(pointer, text) else { return false }
        unsafe pointer = longer
        return true
    }

    deinit {
        var item = unsafe pointer
        // SAFETY: each item's text ends in a NUL and is libcurl's own copy, ours to change until
        // the list is freed.
        while let current = unsafe item {
            if let text = unsafe current.pointee.data {
                unsafe Memory.wipe(UnsafeMutableRawBufferPointer(start: text, count: strlen(text)))
            }
            unsafe item = current.pointee.next
        }
        unsafe curl_slist_free_all(pointer)
    }
}
