package import Encodings

/// A header field: a name, which is compared without case, and its value as it was sent.
/// - Source: RFC 9110 §5.
package struct HeaderField: Hashable, Sendable {
    package var name: ByteString
    package var value: ByteString

    package init(_ name: ByteString, _ value: ByteString) {
        self.name = name
        self.value = value
    }
}

extension [HeaderField] {
    /// The value of the only field of that name; nil where there is none or more than one.
    /// - Parameter name: in lower case.
    package func only(_ name: ByteString) -> ByteString? {
        var found: ByteString?
        for field in self where field.name.lowercased == name {
            guard found == nil else { return nil }
            found = field.value
        }
        return found
    }
}
