package import Encodings

/// The single table of all settings: the C interface, nginx and the documentation use it.
package enum SettingsTable {
    package static let all: [Setting] =
        global + network + tokens + accessTokens + client + sessions + policy

    package static func setting(_ name: ByteString, in section: Setting.Section) -> Setting? {
        all.first { $0.section == section && $0.name == name }
    }

    /// Why a name is none of a section's settings.
    static func unknown(_ name: ByteString, in section: Setting.Section) -> ConfigurationError {
        let quoted = ConfigurationError.quoted(name)
        if let elsewhere = all.first(where: { $0.name == name }) {
            return ConfigurationError(
                "\(quoted) is a setting of \(elsewhere.section.place), not of \(section.place)")
        }
        let sentence: ByteString = "\(section.place) has no setting \(quoted)"
        guard let near = nearest(to: name, in: section) else { return ConfigurationError(sentence) }
        return ConfigurationError(
            sentence + ": did you mean " + ConfigurationError.quoted(near) + "?")
    }

    private static func nearest(
        to name: ByteString, in section: Setting.Section
    ) -> ByteString? {
        guard name.count <= 64 else { return nil }
        let written = ByteString(name.lowercased.bytes.map { $0 == 0x2D ? 0x5F : $0 })
        let ranked = all.filter { $0.section == section }
            .map { (name: $0.name, distance: EditDistance.between($0.name.bytes, written.bytes)) }
        let best = ranked.min { $0.distance < $1.distance }
        guard let best, best.distance <= max(1, written.count / 3) else { return nil }
        return best.name
    }
}

extension Setting.Section {
    /// As a part of a sentence.
    var place: ByteString {
        switch self {
        case .global: "the library as a whole"
        case .provider: "a provider"
        case .policy: "a policy"
        }
    }
}
