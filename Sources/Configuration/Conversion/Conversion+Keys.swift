import Encodings
import JOSE

extension Conversion {
    /// Each file's error names the file and what is wrong with the key in it, never the key.
    static func decryptionKeys(_ files: [SecretFile]) throws(ConfigurationError) -> DecryptionKeys {
        var keys: [DecryptionKey] = []
        for file in files {
            func wrong(_ predicate: ByteString) -> ConfigurationError {
                ConfigurationError(
                    "decryption_key_files",
                    "names \(ConfigurationError.quoted(file.path)), which " + predicate)
            }
            let read: [DecryptionKey]
            do throws(DecryptionKeyDefect) {
                read = try DecryptionKeys.read(file.contents, fileName: name(of: file.path))
            } catch {
                throw wrong(error.predicate)
            }
            for key in read {
                guard !keys.contains(where: { $0.isSameKey(as: key) }) else {
                    throw wrong("holds a key that is there already")
                }
                guard !keys.contains(where: { $0.isMistakable(for: key) }) else {
                    throw wrong(
                        "holds a second key of that kind named "
                            + ConfigurationError.quoted(key.keyID ?? ""))
                }
                keys.append(key)
            }
        }
        return DecryptionKeys(keys)
    }

    /// Of a file, without folder and ending.
    private static func name(of path: ByteString) -> ByteString {
        let file = path.words(separatedBy: 0x2F).last ?? path
        guard let dot = file.bytes.lastIndex(of: 0x2E), dot > 0 else { return file }
        return ByteString(file.bytes[..<dot])
    }
}
