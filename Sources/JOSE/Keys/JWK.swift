package import Cryptography
package import Encodings

/// A provider's public key, with what it says about its use.
/// - Source: RFC 7517 §4, RFC 7518 §6, RFC 8037 §2.
package struct JWK: Sendable {
    /// By `kty` and `crv`.
    package enum Kind: Hashable, Sendable {
        case rsa
        case elliptic(EllipticCurve)
        case ed25519, ed448
    }

    package let kind: Kind
    package let key: PublicKey
    package let keyID: ByteString?
    /// As the key names it, which may be one that we do not know.
    package let algorithm: ByteString?
    package let use: ByteString?
    package let operations: [ByteString]?
    /// Base64url of the SHA-256 of the members that make the key.  Source: RFC 7638 §3.
    package let thumbprint: ByteString
    /// The private part stood beside it.  We neither read nor keep that, but the provider has
    /// lost its key.
    package let hasPrivatePart: Bool

    /// - Throws: what keeps the key from being used; it is skipped then, and its set lives on.
    package init(_ object: JSONObject) throws(KeyDefect) {
        let form = try KeyForm(object)
        kind = form.kind
        key = form.key
        let required = JSONObject(sorted: form.required)
        thumbprint = Base64URL.encode(Digest.sha256(required.serialized))
        keyID = try Self.text("kid", in: object)
        algorithm = try Self.text("alg", in: object)
        use = try Self.text("use", in: object)
        operations = try Self.operations(in: object)
        hasPrivatePart = ["d", "p", "q", "dp", "dq", "qi", "oth"].contains { object[$0] != nil }
        try Self.checkCertificate(in: object, key)
    }

    /// Whether the key may check a signature made with this algorithm.
    ///
    /// The key decides, not the token: a key that names its algorithm serves no other (RFC 8725
    /// §3.1), a key for encryption none at all.
    package func verifies(_ algorithm: SignatureAlgorithm) -> Bool {
        guard isForVerifying, let meant = algorithm.specified(for: kind) else { return false }
        guard let own = self.algorithm else { return true }
        return SignatureAlgorithm(name: own)?.specified(for: kind) == meant
    }

    /// Whether the key's owner signed the message with this algorithm.
    package func verify(
        _ signature: Span<UInt8>, of message: Span<UInt8>, by algorithm: SignatureAlgorithm
    ) -> Bool {
        guard verifies(algorithm), let scheme = algorithm.specified(for: kind)?.scheme else {
            return false
        }
        return key.verify(signature: signature, message: message, scheme: scheme)
    }

    package var isForVerifying: Bool {
        if let use, use != "sig" { return false }
        guard let operations else { return true }
        // Where both are present they must agree (RFC 7517 §4.3).
        return operations.contains("verify")
            && (use == nil || operations.allSatisfy { $0 == "verify" || $0 == "sign" })
    }

    private static func text(
        _ name: ByteString, in object: JSONObject
    ) throws(KeyDefect) -> ByteString? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .malformedMember }
        return text
    }

    private static func operations(in object: JSONObject) throws(KeyDefect) -> [ByteString]? {
        guard let value = object["key_ops"] else { return nil }
        guard let operations = value.strings, Set(operations).count == operations.count else {
            throw .malformedMember
        }
        return operations
    }

    /// The first certificate must be of this very key: two readers of the set would otherwise
    /// trust two keys.  No chain is trusted.  Source: RFC 7517 §4.7.
    private static func checkCertificate(
        in object: JSONObject, _ key: PublicKey
    ) throws(KeyDefect) {
        guard let chain = object["x5c"] else { return }
        guard let first = chain.strings?.first, let certificate = Base64.decode(first) else {
            throw .malformedMember
        }
        guard key.isKey(ofCertificate: certificate) else { throw .foreignCertificate }
    }
}

/// Why a key of a set is not used.
package enum KeyDefect: String, Error, Hashable, Sendable {
    /// `kty` "oct": a secret that everyone may read now.
    case symmetric = "symmetric_key"
    case unknownType = "unknown_key_type"
    case unknownCurve = "unknown_curve"
    case missingMember = "missing_member"
    case malformedMember = "malformed_member"
    /// Too small, too large, off its curve.
    case badNumbers = "bad_numbers"
    case foreignCertificate = "foreign_certificate"
}

extension JSONObject {
    fileprivate init(sorted members: [(ByteString, ByteString)]) {
        self.init()
        for (name, value) in members.sorted(by: { $0.0 < $1.0 }) { append(name, .string(value)) }
    }
}
