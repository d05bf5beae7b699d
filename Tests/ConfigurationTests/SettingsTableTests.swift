import Configuration
import Encodings
import Testing

@Suite struct SettingsTableTests {
    @Test("Each setting stands in the table once, in words an operator can read")
    func rows() {
        var seen: Set<ByteString> = []
        for setting in SettingsTable.all {
            #expect(seen.insert("\(setting.section)/" + setting.name).inserted, "\(setting.name)")
            #expect(setting.text.hasSuffix("."), "\(setting.name)")
            #expect(setting.text.count <= 280, "\(setting.name)")
            #expect(!setting.text.string.contains("|"), "\(setting.name)")
        }
    }

    @Test("Each default is a value that would be accepted", arguments: SettingsTable.all)
    func defaults(setting: Setting) {
        guard let standard = setting.standard else { return }
        let section: ByteString? =
            switch setting.section {
            case .global: nil
            case .provider: "provider/p"
            case .policy: "policy/p"
            }
        #expect(refusal(section, setting.name, standard) == nil)
    }

    @Test("LIM-15 LIM-16 LIM-17 LIM-20 LIM-22 LIM-23 Limits that are settings have these defaults",
        arguments: [
            ("connect_timeout", "2s"), ("request_timeout", "5s"), ("exchange_timeout", "60s"),
            ("request_patience", "5s"), ("login_limit", "8"), ("unknown_key_pause", "60s"),
            ("leeway", "60s"),
        ] as [(ByteString, ByteString)])
    func limits(name: ByteString, value: ByteString) {
        #expect(SettingsTable.all.first { $0.name == name }?.standard == value)
    }

    @Test("Only settings that name files of secrets are secret")
    func secrets() {
        let secret = SettingsTable.all.filter(\.isSecret).map(\.name)
        #expect(secret == ["key_file", "decryption_key_files", "client_secret_file"])
    }

    @Test("The table as Markdown has a line for each setting")
    func markdown() {
        let lines = SettingsTable.markdown.words(separatedBy: 0x0A).map(\.string)
        #expect(lines.filter { $0.hasPrefix("| `") }.count == SettingsTable.all.count)
        #expect(lines.filter { $0.hasPrefix("### ") }.count == 3)
        #expect(
            lines.contains {
                $0.hasPrefix("| `leeway` | duration from 0s to 5m | `60s` | How far")
            })
        #expect(lines.contains { $0.hasPrefix("| `client_auth` | `basic` or `post` | `basic` |") })
    }
}

@Suite struct SettingFormTests {
    @Test("Durations are a number and a unit; a bare number means seconds", arguments: [
        ("60", 60_000), ("60s", 60_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000),
        ("1d", 86_400_000), ("0", 0), ("999999999d", 86_399_999_913_600_000),
    ] as [(ByteString, Int64)])
    func durations(text: ByteString, milliseconds: Int64) {
        #expect(Timespan.milliseconds(text) == milliseconds)
    }

    @Test("What is no duration is refused", arguments: [
        "", "s", "-1s", "1.5s", "1 s", "1S", "1w", "1000000000", "0x10", "1h30m", "٣s",
    ] as [ByteString])
    func noDurations(text: ByteString) { #expect(Timespan.milliseconds(text) == nil) }

    @Test("Values of the wrong form are refused with the right one", arguments: [
        ("leeway", "10m",
            #""leeway" must be a duration from 0s to 5m in whole seconds, not "10m""#),
        ("leeway", "1500ms",
            #""leeway" must be a duration from 0s to 5m in whole seconds, not "1500ms""#),
        ("connect_timeout", "fast",
            #""connect_timeout" must be a duration from 100ms to 1m, not "fast""#),
        ("login_limit", "0", #""login_limit" must be a number from 1 to 20, not "0""#),
        ("login_limit", "99999999999999999999",
            #""login_limit" must be a number from 1 to 20, not "99999999999999999999""#),
        ("allow_private_addresses", "yes",
            #""allow_private_addresses" must be on or off, not "yes""#),
        ("same_site", "none", #""same_site" must be lax or strict, not "none""#),
        ("issuer", "idp.example",
            #""issuer" must be an absolute http or https URL without user or fragment, "#
                + #"not "idp.example""#),
        ("client_id", "", #""client_id" has no value"#),
        ("session_claims", "  ", #""session_claims" has no value"#),
        ("client_id", "a\nb", #""client_id" must be one line of at most 4096 printable bytes"#),
    ] as [(ByteString, ByteString, String)])
    func wrongForms(name: ByteString, value: ByteString, sentence: String) {
        #expect(refusal("provider/p", name, value) == sentence)
    }
}
