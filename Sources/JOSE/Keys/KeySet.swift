package import Encodings

/// The keys of one issuer that may check signatures.  Never changes; a fetch makes a new one.
/// - Source: RFC 7517 §5.
package struct KeySet: Sendable {
    /// What an operator should hear about a set that is used nevertheless.
    package struct Remark: Hashable, Sendable {
        package enum Finding: Hashable, Sendable {
            case skipped(KeyDefect)
            /// For encryption, or for signing only: not ours to use.
            case notForVerifying
            /// The provider has published a private key.
            case privatePart
        }
        /// Names the key where it has a name; untrusted text.
        package let keyID: ByteString?
        package let finding: Finding

        /// The provider does something dangerous, beyond something odd.
        package var isAlarming: Bool { finding == .skipped(.symmetric) || finding == .privatePart }
    }

    /// Keys in a set, and bytes of a `kid`.
    package static let keyLimit = 100
    package static let keyIDLimit = 512

    /// Usable ones only, in the set's order.
    package let keys: [JWK]
    package let remarks: [Remark]
    /// The same keys, for ``PlainToken``.
    package let plain: PlainKeys

    /// Reads a key set; keys that we can not use are skipped and remarked upon.
    ///
    /// - Parameter document: at most 512 KiB and 100 keys.
    /// - Throws: ``JOSEError/malformedKeySet`` for what is no key set (an error page, a single
    ///   key), ``JOSEError/noUsableKey`` for one that could check nothing: neither may replace a
    ///   good set.
    package static func parse(_ document: [UInt8]) throws(JOSEError) -> KeySet {
        let object: JSONObject
        do { object = try JSONObject.parse(document) } catch { throw .malformedKeySet }
        guard let entries = object["keys"]?.array, entries.count <= keyLimit else {
            throw .malformedKeySet
        }
        let set = KeySet(entries)
        guard !set.keys.isEmpty else { throw .noUsableKey }
        return set
    }

    init(_ entries: [JSONValue]) {
        var keys: [JWK] = []
        var remarks: [Remark] = []
        for entry in entries {
            let object = entry.object ?? JSONObject()
            func remark(_ finding: Remark.Finding) {
                remarks.append(Remark(keyID: object["kid"]?.string, finding: finding))
            }
            do {
                let key = try JWK(object)
                if key.hasPrivatePart { remark(.privatePart) }
                if key.isForVerifying { keys.append(key) } else { remark(.notForVerifying) }
            } catch {
                remark(.skipped(error))
            }
        }
        self.keys = keys
        self.remarks = remarks
        plain = PlainKeys(keys)
    }

    /// The one key that may have signed a token.
    ///
    /// A `kid` that matches nothing gives no key, never "all keys": a forged `kid` must not widen
    /// the choice.  Two keys that fit give none: trying all would let one weak key speak for
    /// every other.
    /// - Parameter header: of an unverified token; its `jwk`, `jku`, `x5u` and `x5c` are not even
    ///   read.
    /// - Throws: ``JOSEError/unknownKey``, ``JOSEError/keyMismatch``, ``JOSEError/ambiguousKey``.
    /// - Source: RFC 7515 §4.1.4, RFC 7517 §4.5, OpenID Connect Core §10.1.
    package func key(for header: JOSEHeader) throws(JOSEError) -> JWK {
        let named: [JWK]
        if let keyID = header.keyID {
            // A set of a single nameless key leaves nothing to choose.
            named = keys.filter { $0.keyID == keyID || (keys.count == 1 && $0.keyID == nil) }
        } else {
            named = keys
        }
        let fitting = named.filter { $0.verifies(header.algorithm) }
        guard let key = fitting.first else {
            throw named.isEmpty || header.keyID == nil ? .unknownKey : .keyMismatch
        }
        guard fitting.count == 1 else { throw .ambiguousKey }
        return key
    }
}
