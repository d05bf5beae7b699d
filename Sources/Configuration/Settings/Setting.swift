package import Encodings

/// One row of the settings table: what an operator may decide, and in which words.
package struct Setting: Sendable {
    /// Where a setting stands.
    package enum Section: Hashable, Sendable, CaseIterable {
        /// Once for the whole library.
        case global
        /// `provider/NAME`: an identity provider, and the sessions that begin there.
        case provider
        /// `policy/NAME`: what a request must bring.
        case policy
    }
    typealias Check = @Sendable (SettingValue) throws(ConfigurationError) -> Void

    package let name: ByteString
    package let section: Section
    package let form: SettingForm
    /// What counts where the setting is not given, as one would write it; nil: nothing does.
    package let standard: ByteString?
    /// For the operator, one or two sentences; names what a relaxation opens.
    package let text: ByteString
    /// What the form alone cannot tell; needs no other setting.
    let check: Check?

    init(
        _ name: ByteString, _ section: Section, _ form: SettingForm, standard: ByteString? = nil,
        check: Check? = nil, _ text: ByteString
    ) {
        self.name = name
        self.section = section
        self.form = form
        self.standard = standard
        self.text = text
        self.check = check
    }

    /// The value names a file whose contents are never shown.
    package var isSecret: Bool { form == .secretFile || form == .secretFiles }

    /// Reads a value as an operator wrote it.
    /// - Parameter warnings: gets a sentence for what is admitted but unwise.
    /// - Throws: a sentence that names the setting, the value and what would be right.
    func read(
        _ value: ByteString, warnings: inout [ByteString]
    ) throws(ConfigurationError) -> SettingValue {
        let result = try form.read(value, of: name, warnings: &warnings)
        try check?(result)
        return result
    }
}

/// A value that has been read.
package enum SettingValue: Hashable, Sendable {
    case text(ByteString)
    case words([ByteString])
    /// Seconds, milliseconds or a count, as the form says.
    case number(Int64)
    case flag(Bool)
    case secret(Secret)
    case files([SecretFile])
}

/// A secret, with the file that it was read from.
package struct SecretFile: Hashable, Sendable {
    package let path: ByteString
    package let contents: Secret
}
