package import Encodings

/// Our keys to which the tokens of one issuer may be encrypted.
///
/// Several, so that a new one can be announced before the last token for the old one has expired.
package struct DecryptionKeys: Hashable, Sendable {
    /// In the order of the files.
    package private(set) var keys: [DecryptionKey] = []

    package init(_ keys: [DecryptionKey] = []) { self.keys = keys }

    package var isEmpty: Bool { keys.isEmpty }

    package mutating func append(contentsOf other: DecryptionKeys) {
        for key in other.keys where !keys.contains(key) { keys.append(key) }
    }

    /// Reads a file: a private key as PEM or JWK, or a set of private JWKs.
    ///
    /// - Parameter fileName: lends a name to keys that have none, without its ending.
    package static func read(
        _ contents: Secret, fileName: ByteString
    ) throws(DecryptionKeyDefect) -> [DecryptionKey] {
        let result = contents.withBytes { text -> Result<[DecryptionKey], DecryptionKeyDefect> in
            do throws(DecryptionKeyDefect) {
                return .success(try read(text, fileName: fileName))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func read(
        _ text: Span<UInt8>, fileName: ByteString
    ) throws(DecryptionKeyDefect) -> [DecryptionKey] {
        guard text.firstVisible == 0x7B else {
            return [try DecryptionKey(pem: text, fileName: fileName)]
        }
        guard let object = try? JSONObject.parse(ByteString(copying: text).bytes) else {
            throw .unreadable
        }
        guard let entries = object["keys"] else { return [try DecryptionKey(object, fileName: fileName)] }
        guard let objects = entries.array?.compactMap(\.object), !objects.isEmpty,
            objects.count == entries.array?.count
        else { throw .unreadable }
        var keys: [DecryptionKey] = []
        for object in objects { keys.append(try DecryptionKey(object)) }
        return keys
    }

    /// The one key that a token may be encrypted to.
    ///
    /// `kid` selects.  Where it names none of ours, only keys that nobody named come into question,
    /// and without it all; more than one that fits is none: they are not tried one by one.
    /// - Throws: ``JOSEError/unknownDecryptionKey``, ``JOSEError/ambiguousKey``.
    /// - Source: RFC 7517 §4.5.
    func key(for header: JWEHeader) throws(JOSEError) -> DecryptionKey {
        var candidates = keys
        if let keyID = header.keyID {
            candidates = keys.filter { $0.keyID == keyID }
            if candidates.isEmpty { candidates = keys.filter(\.isNamedByFile) }
        }
        let fitting = candidates.filter { $0.opens(header) }
        guard let key = fitting.first else { throw .unknownDecryptionKey }
        guard fitting.count == 1 else { throw .ambiguousKey }
        return key
    }
}

extension Span<UInt8> {
    fileprivate var firstVisible: UInt8? {
        for index in indices where self[index] > 0x20 { return self[index] }
        return nil
    }
}
