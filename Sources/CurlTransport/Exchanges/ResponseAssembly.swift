package import Encodings
package import HTTPMessages

/// An answer as it arrives, within its limits.
package struct ResponseAssembly {
    package private(set) var headers: [HeaderField] = []
    package private(set) var body: [UInt8] = []
    /// The answer is larger than it may be: its exchange ends.
    package private(set) var isTooLarge = false
    private let bodyLimit: Int
    private var headerBytes = 0
    private var stage = Stage.informational

    private enum Stage {
        /// No status line yet, or one of 1xx.
        case informational
        case final
        /// After the empty line: what still comes are trailers.
        case body
    }

    /// Bytes of all lines, and how many fields.
    private static let headerLimit = 65_536
    private static let fieldLimit = 100

    package init(bodyLimit: Int) { self.bodyLimit = bodyLimit }

    /// Takes one line of the head, its end included.
    /// - Returns: false where the exchange must end.
    package mutating func take(line: ByteString) -> Bool {
        headerBytes &+= line.count
        guard headerBytes <= Self.headerLimit else { return fail() }
        let text = Self.trimmed(line.bytes[...])
        switch stage {
        case .informational:
            // Fields of an interim answer are not those of the answer.
            guard text.starts(with: "HTTP/".utf8) else { return true }
            let status = ByteString(text).words().dropFirst().first
            if status?.bytes.first != 0x31 { stage = .final }
            return true
        case .final:
            if text.isEmpty {
                stage = .body
                return true
            }
            return takeField(line, text)
        case .body:
            // A trailer must not pass for a header field, such as a lifetime (RFC 9110 §6.5.1).
            return true
        }
    }

    private mutating func takeField(_ line: ByteString, _ text: ArraySlice<UInt8>) -> Bool {
        // A continued line belongs to no field that we read (RFC 9112 §5.2).
        guard line.bytes.first != 0x20, line.bytes.first != 0x09 else { return true }
        guard let (name, value) = ByteString(text).divided(at: 0x3A) else { return true }
        guard headers.count < Self.fieldLimit else { return fail() }
        headers.append(
            HeaderField(name.lowercased, ByteString(Self.trimmed(value.bytes[...]))))
        return true
    }

    /// - Returns: false where the exchange must end.
    package mutating func take(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyLimit - body.count else { return fail() }
        // SAFETY: the bytes are copied before libcurl's callback returns.
        unsafe body.append(contentsOf: bytes)
        return true
    }

    private mutating func fail() -> Bool {
        isTooLarge = true
        return false
    }

    private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var text = text.drop { isBlank($0) }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
