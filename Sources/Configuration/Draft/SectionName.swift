package import Encodings

/// Names a section: the whole library, one provider or one policy.
package struct SectionName: Hashable, Sendable, Comparable {
    package let kind: Setting.Section
    /// Empty for the global section.
    package let name: ByteString

    static let global = SectionName(.global, "")

    init(_ kind: Setting.Section, _ name: ByteString) {
        self.kind = kind
        self.name = name
    }

    /// - Parameter text: nil or empty for the global section, else `provider/NAME` or
    ///   `policy/NAME` with 1 to 64 of `A-Z a-z 0-9 . _ -`.
    init(_ text: ByteString?) throws(ConfigurationError) {
        guard let text, !text.isEmpty else {
            self = .global
            return
        }
        if let name = text.dropping(prefix: "provider/") {
            self.init(.provider, name)
        } else if let name = text.dropping(prefix: "policy/") {
            self.init(.policy, name)
        } else {
            throw ConfigurationError(
                "there is no section \(ConfigurationError.quoted(text)): "
                    + "write provider/NAME or policy/NAME, or nothing for the whole library")
        }
        guard (1...64).contains(name.count), name.bytes.allSatisfy(Self.isNameByte) else {
            throw ConfigurationError(
                "the section name \(ConfigurationError.quoted(name)) must be 1 to 64 letters, "
                    + "digits, dots, hyphens or underscores")
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F
    }

    package var text: ByteString {
        switch kind {
        case .global: ""
        case .provider: "provider/" + name
        case .policy: "policy/" + name
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }
}
