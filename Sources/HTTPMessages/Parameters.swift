package import Encodings

/// The decoded parameters of a query string, in order.
package struct Parameters: Hashable, Sendable {
    package private(set) var pairs: [HeaderField] = []
    /// True where some part could not be decoded, or there were too many.
    package private(set) var isMalformed = false

    package init(_ query: ByteString) {
        for part in query.words(separatedBy: 0x26) {
            let (name, value) = part.divided(at: 0x3D) ?? (part, "")
            guard let name = FormEncoding.decode(name), let value = FormEncoding.decode(value),
                pairs.count < 64
            else {
                isMalformed = true
                continue
            }
            pairs.append(HeaderField(name, value))
        }
    }

    /// How often a name is there.
    package enum Lookup: Hashable, Sendable { case absent, once(ByteString), repeated }

    /// Names are compared byte for byte.
    package func lookup(_ name: ByteString) -> Lookup {
        let values = pairs.filter { $0.name == name }
        guard let first = values.first else { return .absent }
        return values.count == 1 ? .once(first.value) : .repeated
    }
    /// The value of a parameter that stands there exactly once.
    package subscript(_ name: ByteString) -> ByteString? {
        if case .once(let value) = lookup(name) { value } else { nil }
    }
}
