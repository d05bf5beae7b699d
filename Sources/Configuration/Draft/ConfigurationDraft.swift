package import Encodings
import Sessions

/// A configuration while it is written: takes settings one by one, in any order.
///
/// Files are read as they are named, so a draft is made where they may be read: before the fork,
/// as root.  No network, no thread, no descriptor that stays open.
package struct ConfigurationDraft: Sendable {
    private var sections: [SectionName: SectionValues] = [:]
    /// Sentences about what is admitted but unwise.
    package private(set) var warnings: [ByteString] = []

    package init() {}

    /// Takes one setting.
    /// - Parameters:
    ///   - section: nil or empty for the whole library, else `provider/NAME` or `policy/NAME`.
    ///   - value: lists are separated by spaces.
    /// - Throws: what is wrong with this setting, taken by itself.
    package mutating func set(
        section: ByteString?, name: ByteString, value: ByteString
    ) throws(ConfigurationError) {
        let section = try SectionName(section)
        var values = sections[section] ?? SectionValues(section)
        try values.set(name, value, warnings: &warnings)
        sections[section] = values
    }

    /// Checks one section for what is missing and what contradicts within it, or everything.
    ///
    /// A section is checked when it ends; what the file may still say further down is not missed
    /// yet.  Nil or empty checks all sections, and how they fit together.
    package func validate(section: ByteString?) throws(ConfigurationError) {
        let name = try SectionName(section)
        switch name.kind {
        case .global: _ = try build()
        case .provider: _ = try provider(name, isDevelopment: try developmentIfGiven())
        case .policy: _ = try policy(name)
        }
    }

    /// - Throws: the first contradiction, in a stable order.
    package func build() throws(ConfigurationError) -> Configuration {
        let library = sections[.global] ?? SectionValues(.global)
        let isDevelopment = try library.flag("development")
        var configuration = Configuration(
            store: try library.optionalText("store").map(Conversion.store),
            keyRing: library.isGiven("key_file")
                ? try Conversion.keyRing(try library.secret("key_file")) : nil,
            isDevelopment: isDevelopment,
            shutdownTimeout: try library.number("shutdown_timeout"),
            tokenCacheSize: Int(clamping: try library.number("token_cache_size")),
            providers: [:], policies: [:])
        for name in sections.keys.sorted() {
            switch name.kind {
            case .global: break
            case .provider:
                let provider = try provider(name, isDevelopment: isDevelopment)
                configuration.providers[name.name] = provider
            case .policy: configuration.policies[name.name] = try policy(name)
            }
        }
        try CrossChecks(configuration).run()
        return configuration
    }

    private func developmentIfGiven() throws(ConfigurationError) -> Bool? {
        guard let library = sections[.global], library.isGiven("development") else { return nil }
        return try library.flag("development")
    }

    private func provider(
        _ name: SectionName, isDevelopment: Bool?
    ) throws(ConfigurationError) -> Provider {
        let values = sections[name] ?? SectionValues(name)
        do throws(ConfigurationError) {
            return try ProviderAssembly(values: values, isDevelopment: isDevelopment).provider()
        } catch {
            throw error.inside(name)
        }
    }

    private func policy(_ name: SectionName) throws(ConfigurationError) -> Policy {
        let values = sections[name] ?? SectionValues(name)
        do throws(ConfigurationError) {
            return try PolicyAssembly(values: values).policy()
        } catch {
            throw error.inside(name)
        }
    }
}
