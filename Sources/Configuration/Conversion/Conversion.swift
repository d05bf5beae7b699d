import Encodings
import JOSE
import Sessions

/// Turns values that were read into what the configuration holds.
///
/// Each function names its setting in what it throws.  Grouped by kind in the extensions.
enum Conversion {
    static func store(_ text: ByteString) throws(ConfigurationError) -> StoreLocation {
        if text == "memory" { return .memory }
        let path = text.dropping(prefix: "sqlite:") ?? text
        guard path.hasPrefix("/"), !path.hasSuffix("/") else {
            throw ConfigurationError(
                "store", mustBe: "memory, or an absolute path of an SQLite file", not: text)
        }
        return .sqlite(path: path)
    }

    static func keyRing(_ secret: Secret) throws(ConfigurationError) -> KeyRing {
        do throws(KeyRingError) {
            return try KeyRing.parse(secret.reveal().bytes)
        } catch {
            throw ConfigurationError("key_file", "cannot be used: \(error.description)")
        }
    }

    /// A bad file is found when the configuration is read; one that turns bad later changes
    /// nothing.
    static func keySetFile(_ path: ByteString) throws(ConfigurationError) {
        let name = ConfigurationError.quoted(path)
        let reading = WatchedFile.read(path, of: "jwks_file", since: nil)
        guard case .contents(let bytes, _) = reading else {
            throw ConfigurationError("jwks_file", "names \(name), which cannot be read")
        }
        do throws(JOSEError) {
            _ = try KeySet.parse(file: bytes)
        } catch {
            throw ConfigurationError(
                "jwks_file", error == .noUsableKey
                    ? "names \(name), which holds no key that could check a signature"
                    : "names \(name), which is neither a JWK set nor public keys in PEM")
        }
    }

    static func algorithms(
        _ words: [ByteString], of name: ByteString
    ) throws(ConfigurationError) -> Set<SignatureAlgorithm> {
        var output: Set<SignatureAlgorithm> = []
        for word in words {
            if let algorithm = SignatureAlgorithm(name: word) {
                output.formUnion(algorithm.admitted)
            } else if word.lowercased == "none" {
                throw ConfigurationError(
                    name, "must not name none: anyone can write a token without a signature")
            } else if word.lowercased.hasPrefix("hs") {
                throw ConfigurationError(
                    name,
                    "must not name \(ConfigurationError.quoted(word)): whoever can check a "
                        + "symmetric signature can also forge it, and a public key taken for the "
                        + "secret lets anyone")
            } else {
                let known = SettingForm.list(SignatureAlgorithm.allCases.map(\.name), "and")
                throw ConfigurationError(name, mustBe: "of " + known, not: word)
            }
        }
        return output
    }

    /// - Source: draft-ietf-httpbis-rfc6265bis §4.1.1 (COK-04).
    static func cookieName(
        _ text: ByteString, of setting: ByteString
    ) throws(ConfigurationError) -> ByteString {
        guard text.count <= 64, text.bytes.allSatisfy(ASCII.isToken) else {
            throw ConfigurationError(
                setting, mustBe: "at most 64 letters, digits and signs of a token", not: text)
        }
        return text
    }

    /// Stands in quotes in a challenge, so it may neither end them nor escape.
    static func realm(_ text: ByteString) throws(ConfigurationError) -> ByteString {
        guard text.bytes.allSatisfy({ (0x20...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C })
        else {
            throw ConfigurationError(
                "realm", mustBe: "ASCII without quotes and backslashes", not: text)
        }
        return text
    }
}
