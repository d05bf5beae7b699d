import Configuration
import Encodings
import Foundation

extension FuzzTarget {
    static let configuration = FuzzTarget(
        name: "configuration", about: "settings: lines of \"[section]\" and \"name value\"",
        longest: 12 << 10,
        words: [
            "[provider/idp]\n", "[policy/api]\n", "[]\n", "issuer https://idp.example\n",
            "mode bearer\n", "mode session\n", "provider idp\n", "audience api\n", "store memory\n",
            "key_file k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", "client_id app\n",
            "client_secret_file s\n", "origin https://app.example\n", "development on\n", "=",
            "10m",
        ],
        seeds: {
            inputs(
                """
                store memory
                key_file k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
                [provider/idp]
                issuer https://idp.example
                client_id app
                client_secret_file secret
                origin https://app.example
                scope openid offline_access
                refresh_refusals 400-empty 400-invalid_token
                authorization_parameters prompt=consent
                idle_timeout 10m
                [policy/web]
                mode session
                provider idp
                claim_headers X-User=sub X-Name=name
                [policy/api]
                mode bearer
                provider idp
                audience api
                realm example

                """,
                "development on\n[provider/a]\nissuer http://localhost:1\nleeway 300\n",
                "[provider/x]\nproxy http://a:1\nissuer https://a/\ncookie_name __Host-x\n",
                "store sqlite:/tmp/x\nshutdown_timeout 1ms\n", "symmetric yes\n[nowhere]\na b\n")
        }
    ) { input in
        var draft = ConfigurationDraft()
        var section: ByteString?
        var sections: [ByteString?] = [nil]
        for line in input.lines(60) {
            if line.hasPrefix("["), line.hasSuffix("]"), line.count >= 2 {
                section = ByteString(line.bytes.dropFirst().dropLast())
                sections.append(section)
                continue
            }
            let (name, value) = line.divided(at: 0x20) ?? (line, "")
            let file = SettingsFile(name, value)
            guard let text = file.map(\.path) ?? (isPath(name) ? nil : value) else { continue }
            check { () throws(ConfigurationError) in
                try draft.set(section: section, name: name, value: text)
            }
        }
        promise(
            draft.warnings.allSatisfy { $0.isOneLine && $0.count <= 240 }, "warnings are one line")
        for section in sections.prefix(8) {
            check { () throws(ConfigurationError) in try draft.validate(section: section) }
        }
        var built: Configuration?
        check { () throws(ConfigurationError) in built = try draft.build() }
        guard let built else { return }
        let isWhole = built.policies.values.allSatisfy { policy in
            policy.providers.allSatisfy { built.providers[$0] != nil }
        }
        promise(isWhole && built.guarded.count == built.policies.count, "policies have providers")
        let again = try? draft.build()
        promise(again?.providers == built.providers, "it builds the same again")
        promise(again?.policies == built.policies, "policies too")
    }

    private static func check(_ body: () throws(ConfigurationError) -> Void) {
        do throws(ConfigurationError) {
            try body()
        } catch {
            promise(error.message.isOneLine && !error.message.isEmpty, "a complaint is one line")
            promise(error.message.count <= 240, "of at most 240 bytes")
        }
    }

    private static func isPath(_ name: ByteString) -> Bool { SettingsFile.names.contains(name) }
}

/// `memfd_create`, which the Glibc module leaves out.
@_silgen_name("memfd_create")
private func memoryFile(_ name: UnsafePointer<CChar>, _ flags: UInt32) -> Int32

/// A file that holds what the input says: no mutation opens files of this machine.
final class SettingsFile {
    static let names = Set(
        SettingsTable.all.filter { $0.form == .file || $0.form == .secretFile }.map(\.name))

    let path: ByteString
    private let descriptor: Int32

    /// - Returns: nil for settings that name no file, and where there is no memory for one.
    init?(_ name: ByteString, _ contents: ByteString) {
        guard Self.names.contains(name) else { return nil }
        descriptor = memoryFile("settings", 0)
        path = "/proc/self/fd/\(descriptor)"
        guard descriptor >= 0 else { return nil }
        _ = contents.bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
