import Encodings

/// The settings that were given for one section, and behind them the table's standards.
struct SectionValues: Sendable {
    let section: SectionName
    private var given: [ByteString: SettingValue] = [:]

    init(_ section: SectionName) { self.section = section }

    mutating func set(
        _ name: ByteString, _ value: ByteString, warnings: inout [ByteString]
    ) throws(ConfigurationError) {
        guard let setting = SettingsTable.setting(name, in: section.kind) else {
            throw DeliberateGap.reason(name, value)
                ?? SettingsTable.unknown(name, in: section.kind)
        }
        guard given[name] == nil else { throw ConfigurationError(name, "is given twice") }
        given[name] = try setting.read(value, warnings: &warnings)
    }

    func isGiven(_ name: ByteString) -> Bool { given[name] != nil }

    /// The first of these settings that was given, in the table's order.
    func firstGiven(of settings: [Setting]) -> ByteString? {
        settings.first { isGiven($0.name) }?.name
    }

    func text(_ name: ByteString) throws(ConfigurationError) -> ByteString {
        guard case .text(let text) = try value(name) else { throw missing(name) }
        return text
    }
    func words(_ name: ByteString) throws(ConfigurationError) -> [ByteString] {
        guard case .words(let words) = try value(name) else { throw missing(name) }
        return words
    }
    func number(_ name: ByteString) throws(ConfigurationError) -> Int64 {
        guard case .number(let number) = try value(name) else { throw missing(name) }
        return number
    }
    func flag(_ name: ByteString) throws(ConfigurationError) -> Bool {
        guard case .flag(let flag) = try value(name) else { throw missing(name) }
        return flag
    }
    func secret(_ name: ByteString) throws(ConfigurationError) -> Secret {
        guard case .secret(let secret) = try value(name) else { throw missing(name) }
        return secret
    }
    func optionalFiles(_ name: ByteString) throws(ConfigurationError) -> [SecretFile] {
        guard isGiven(name) else { return [] }
        guard case .files(let files) = try value(name) else { throw missing(name) }
        return files
    }
    /// For settings without a standard that may be left out.
    func optionalText(_ name: ByteString) throws(ConfigurationError) -> ByteString? {
        isGiven(name) ? try text(name) : nil
    }
    func optionalWords(_ name: ByteString) throws(ConfigurationError) -> [ByteString] {
        isGiven(name) ? try words(name) : []
    }

    private func value(_ name: ByteString) throws(ConfigurationError) -> SettingValue {
        if let value = given[name] { return value }
        guard let setting = SettingsTable.setting(name, in: section.kind),
            let standard = setting.standard
        else { throw missing(name) }
        var warnings: [ByteString] = []
        return try setting.read(standard, warnings: &warnings)
    }

    private func missing(_ name: ByteString) -> ConfigurationError {
        ConfigurationError(name, "is missing")
    }
}
