package import Encodings

extension SettingsTable {
    /// The table as the documentation shows it, one heading a section.
    package static var markdown: ByteString {
        var output = ByteString()
        for section in Setting.Section.allCases {
            if !output.isEmpty { output += "\n" }
            output += "### " + section.title + "\n\n"
            output += "| Setting | Value | Default | Meaning |\n|---|---|---|---|\n"
            for setting in all where setting.section == section {
                let standard = setting.standard.map { "`" + $0 + "`" } ?? ""
                output += "| `" + setting.name + "` | " + setting.form.summary + " | " + standard
                    + " | " + setting.text + " |\n"
            }
        }
        return output
    }
}

extension Setting.Section {
    fileprivate var title: ByteString {
        switch self {
        case .global: "The library"
        case .provider: "A provider: section `provider/NAME`"
        case .policy: "A policy: section `policy/NAME`"
        }
    }
}
