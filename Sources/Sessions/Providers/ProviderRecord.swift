package import Cryptography
package import Encodings

/// A provider's documents as it sent them, for a time when it cannot be asked.
///
/// Sealed with the key ring as sessions are: who can write the store must not be able to plant
/// keys.  Age and purpose stand inside the seal, so that an old copy cannot pass for a newer one,
/// nor one provider's for another's.
///
/// The seal is a ``RingSeal``.
package struct ProviderRecord: Hashable, Sendable {
    /// Whose documents they are.
    package let purpose: Purpose
    /// Seconds since 1970, when the keys came.
    package let fetchedAt: Int64
    /// How long the provider said that its keys may be kept, in seconds.
    package let lifetime: Int64?
    /// Nil where none was needed.
    package let metadata: [UInt8]?
    /// The key set, as it came.
    package var keys: [UInt8]

    /// Another issuer, or keys from another address, are other documents.
    package struct Purpose: Hashable, Sendable {
        package let issuer: ByteString
        /// Empty where the metadata names it.
        package let keySetURL: ByteString

        package init(issuer: ByteString, keySetURL: ByteString) {
            self.issuer = issuer
            self.keySetURL = keySetURL
        }

        /// Names the record in the store; nil only where cryptography fails.
        package var key: RowKey? {
            var fields = FieldWriter()
            fields.write(ProviderRecord.label)
            fields.write(issuer)
            fields.write(keySetURL)
            return RowKey(Digest.sha256(ByteString(fields.bytes)))
        }
    }

    package init(
        purpose: Purpose, fetchedAt: Int64, lifetime: Int64?, metadata: [UInt8]?, keys: [UInt8]
    ) {
        self.purpose = purpose
        self.fetchedAt = fetchedAt
        self.lifetime = lifetime
        self.metadata = metadata
        self.keys = keys
    }

    /// - Returns: nil where randomness or cryptography fails.
    package func seal(_ ring: KeyRing, random: some RandomSource) -> [UInt8]? {
        guard let bound = purpose.key?.bytes else { return nil }
        return RingSeal.seal(encoded, for: Self.label, bound: bound, ring, random)
    }

    /// - Returns: nil for anything but what was sealed for this very purpose, under a key that is
    ///   still in the ring.
    package static func open(
        _ sealed: [UInt8], for purpose: Purpose, _ ring: KeyRing
    ) -> ProviderRecord? {
        guard let bound = purpose.key?.bytes,
            let encoded = RingSeal.open(sealed, for: label, bound: bound, ring)
        else { return nil }
        return ProviderRecord(encoded: encoded, purpose)
    }

    private static let label: ByteString = "cloakroom provider record 1"
    /// Of the encoding.
    private static let version: Int64 = 1

    private var encoded: [UInt8] {
        var output = FieldWriter()
        output.write(Self.version)
        output.write(fetchedAt)
        output.write(lifetime)
        output.write(metadata.map { ByteString($0) })
        output.write(ByteString(keys))
        return output.bytes
    }

    private init?(encoded: [UInt8], _ purpose: Purpose) {
        var input = FieldReader(encoded)
        guard input.number() == Self.version else { return nil }
        self.purpose = purpose
        fetchedAt = input.number()
        lifetime = input.optionalNumber()
        metadata = input.optionalField()?.bytes
        keys = input.field().bytes
        guard input.isComplete else { return nil }
    }
}
