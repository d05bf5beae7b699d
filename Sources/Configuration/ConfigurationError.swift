package import Encodings

/// Why a configuration cannot be used.
///
/// One plain sentence of at most 240 bytes, printable, that names the setting, its value and what
/// would be right.  Never holds a secret: contents of files and values of unknown settings are
/// left out.
package struct ConfigurationError: Error, Hashable, Sendable {
    package let message: ByteString

    /// Fits into `cloakroom_error.message`.
    static let longestMessage = 240
    /// Of a value that is shown, in bytes.
    private static let longestValue = 60

    init(_ sentence: ByteString) { message = Self.printable(sentence, limit: Self.longestMessage) }

    /// `"name" what is wrong`
    init(_ setting: ByteString, _ predicate: ByteString) {
        self.init(Self.quoted(setting) + " " + predicate)
    }
    /// `"name" must be X, not "value"`
    init(_ setting: ByteString, mustBe expectation: ByteString, not value: ByteString) {
        self.init(setting, "must be " + expectation + ", not " + Self.quoted(value))
    }

    /// The same, with the section it happened in; what is too long loses its middle.
    func inside(_ section: SectionName) -> ConfigurationError {
        guard section.kind != .global else { return self }
        let place = " (" + section.text + ")"
        return ConfigurationError(
            Self.printable(message, limit: Self.longestMessage - place.count) + place)
    }

    /// In quotes and not too long.  An address with a password in it is not shown.
    static func quoted(_ value: ByteString) -> ByteString {
        let shown = value.bytes.contains(0x40) && value.hasPrefix("http") ? "..." : value
        return "\"" + printable(shown, limit: longestValue) + "\""
    }

    /// Control characters become `?`; what is too long ends in dots, never within a character.
    private static func printable(_ text: ByteString, limit: Int) -> ByteString {
        var bytes = text.bytes.map { $0 < 0x20 || $0 == 0x7F ? 0x3F : $0 }
        if bytes.count > limit {
            bytes.removeLast(bytes.count - limit + 3)
            while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
            if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
            bytes += Array("...".utf8)
        }
        return ByteString(bytes)
    }
}
