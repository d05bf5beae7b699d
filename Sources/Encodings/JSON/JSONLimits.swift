/// How much a JSON document may ask of us.  Checked before anything is built from it.
package struct JSONLimits: Hashable, Sendable {
    /// Of the whole document.
    package var bytes: Int
    /// Arrays and objects inside one another; a top-level object has depth 1.
    package var depth: Int
    /// Of one object, and elements of one array.
    package var members: Int
    /// Of all arrays and objects together: bounds the memory that a document of `[],[],…` takes.
    package var values: Int
    /// Bytes of one string or name as it is written, escapes and all.
    package var stringBytes: Int

    package init(
        bytes: Int, depth: Int = 32, members: Int = 1_000, values: Int = 20_000,
        stringBytes: Int = 64 << 10
    ) {
        self.bytes = bytes
        self.depth = depth
        self.members = members
        self.values = values
        self.stringBytes = stringBytes
    }

    /// Metadata, key sets, answers of a token endpoint.
    package static let standard = JSONLimits(bytes: 512 << 10)
    /// The claims of a token.
    package static let token = JSONLimits(bytes: 16 << 10, stringBytes: 8 << 10)
    /// The header of a token.
    package static let header = JSONLimits(bytes: 4 << 10)
}

/// Why a JSON document was refused.
package enum JSONError: Error, Hashable, Sendable {
    /// Larger, deeper or fuller than the limits allow.
    case limitExceeded
    /// A byte order mark, a NUL byte, or `\u0000` in a string.
    case forbiddenCharacter
    /// No JSON, no UTF-8, a name that occurs twice, a number out of range.
    case malformed
    /// Good JSON, but no object where only an object will do.
    case notAnObject
}
