import Configuration
import Encodings
import Foundation

/// A file that lives as long as this value is kept.
final class TemporaryFile {
    let path: ByteString

    init(_ contents: String, mode: Int = 0o600) throws {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("cloakroom-\(UUID().uuidString)")
        try Data(contents.utf8).write(to: url)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
        path = ByteString(url.path)
    }
    deinit { try? FileManager.default.removeItem(atPath: path.string) }
}

/// A complete configuration of one provider and its two policies, to be changed by a test.
struct Sample {
    typealias Section = [ByteString: ByteString?]
    let secretFile: TemporaryFile
    let keyFile: TemporaryFile
    var library: Section
    var provider: Section
    var bearer: Section = ["mode": "bearer", "provider": "idp", "audience": "api"]
    var session: Section = ["mode": "session", "provider": "idp"]

    init() throws {
        secretFile = try TemporaryFile("hunter2\n")
        keyFile = try TemporaryFile(Sample.keys)
        library = ["store": "/var/lib/cloakroom/sessions.db", "key_file": keyFile.path]
        provider = [
            "issuer": "https://idp.example", "client_id": "app",
            "client_secret_file": secretFile.path, "origin": "https://app.example",
        ]
    }

    static let jwks = #"{"keys":[{"kty":"OKP","crv":"Ed25519","#
        + #""x":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"}]}"#
    static let keys = "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n"

    /// Settings in the order of their names; nil leaves one out.
    func draft() throws(ConfigurationError) -> ConfigurationDraft {
        var draft = ConfigurationDraft()
        for (section, settings) in [
            (nil, library), ("provider/idp", provider), ("policy/api", bearer),
            ("policy/app", session),
        ] as [(ByteString?, Section)] {
            for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
                if let value { try draft.set(section: section, name: name, value: value) }
            }
        }
        return draft
    }
    func build() throws(ConfigurationError) -> Configuration { try draft().build() }

    /// The sentence with which this configuration is refused; nil where it is not.
    var refusal: String? {
        do throws(ConfigurationError) {
            _ = try build()
            return nil
        } catch {
            return error.message.string
        }
    }
}

/// The sentence with which one setting is refused as it is given.
func refusal(_ section: ByteString?, _ name: ByteString, _ value: ByteString) -> String? {
    var draft = ConfigurationDraft()
    do throws(ConfigurationError) {
        try draft.set(section: section, name: name, value: value)
        return nil
    } catch {
        return error.message.string
    }
}
