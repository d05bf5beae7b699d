import Cryptography
import Encodings

/// The key that a token was signed with, if anybody's, and how.
package struct PlainKey: Sendable {
    let key: PublicKey
    let scheme: SignatureScheme
}

/// A key set in flat arrays, for the look-up that each token needs.
package final class PlainKeys: Sendable {
    private struct Entry: Sendable {
        /// In ``PlainKeys/names``; nil where the key has no name.
        let name: Range<Int>?
        let algorithms: AlgorithmSet
        let kind: JWK.Kind
    }

    private let names: [UInt8]
    private let entries: [Entry]
    private let keys: [PublicKey]

    init(_ keys: [JWK]) {
        self.keys = keys.map(\.key)
        var names: [UInt8] = []
        var entries: [Entry] = []
        for key in keys {
            let start = names.count
            names += key.keyID?.bytes ?? []
            entries.append(
                Entry(
                    name: key.keyID == nil ? nil : start..<names.count,
                    algorithms: AlgorithmSet(
                        SignatureAlgorithm.allCases.filter { key.verifies($0) }),
                    kind: key.kind))
        }
        self.names = names
        self.entries = entries
    }

    /// As ``KeySet/key(for:)``.
    /// - Parameter keyID: where it stands in the bytes.
    /// - Returns: nil where none fits, or more than one.
    func key(
        _ keyID: Range<Int>?, in bytes: Span<UInt8>, _ algorithm: SignatureAlgorithm
    ) -> PlainKey? {
        var found: Int?
        for index in entries.indices where entries[index].algorithms.contains(algorithm) {
            if let keyID, !isNamed(bytes.extracting(keyID), entries[index]) { continue }
            guard found == nil else { return nil }
            found = index
        }
        guard let found, let scheme = algorithm.specified(for: entries[found].kind)?.scheme
        else { return nil }
        return PlainKey(key: keys[found], scheme: scheme)
    }

    private func isNamed(_ keyID: Span<UInt8>, _ entry: Entry) -> Bool {
        // A set of a single nameless key leaves nothing to choose.
        guard let name = entry.name else { return entries.count == 1 }
        let names = names
        return names.span.extracting(name).isEqual(to: keyID)
    }
}
