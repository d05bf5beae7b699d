package import Cryptography
package import Encodings

/// A private key of ours to which tokens may be encrypted.
/// - Source: RFC 7517 §4, RFC 7518 §6, RFC 8037 §2.
package struct DecryptionKey: Hashable, Sendable {
    package let key: PrivateKey
    package let keyID: ByteString?
    /// The key's own word for what it is for; it serves nothing else then (RFC 8725 §3.1).
    package let algorithm: KeyManagementAlgorithm?
    /// Its name, if it has any, is its file's: a token that names another one may mean it too.
    package let isNamedByFile: Bool

    package static func == (left: Self, right: Self) -> Bool {
        left.key.fingerprint == right.key.fingerprint && left.keyID == right.keyID
            && left.algorithm == right.algorithm
    }
    package func hash(into hasher: inout Hasher) { hasher.combine(key.fingerprint) }

    /// Reads a PEM private key, which has no name: its file lends it one.
    package init(pem: Span<UInt8>, fileName: ByteString?) throws(DecryptionKeyDefect) {
        do throws(PrivateKeyDefect) {
            key = try PrivateKey(pem: pem)
        } catch {
            throw DecryptionKeyDefect(error)
        }
        keyID = fileName
        algorithm = nil
        isNamedByFile = true
    }

    /// Reads a private JWK; without a `kid` its file may lend it a name.
    package init(
        _ object: JSONObject, fileName: ByteString? = nil
    ) throws(DecryptionKeyDefect) {
        if object["kty"]?.string == "oct" { throw .symmetric }
        let own = try Self.text("kid", in: object)
        keyID = own ?? fileName
        isNamedByFile = own == nil
        // A key that also signs may be made to sign what it should open (RFC 7517 §4.2).
        guard try Self.text("use", in: object) ?? "enc" == "enc" else { throw .signing }
        if let name = try Self.text("alg", in: object) {
            guard let known = KeyManagementAlgorithm(name: name) else { throw .algorithm }
            algorithm = known
        } else {
            algorithm = nil
        }
        guard object["d"] != nil else { throw .publicOnly }
        do throws(PrivateKeyDefect) {
            key = try Self.key(object)
        } catch {
            throw DecryptionKeyDefect(error)
        }
        if let algorithm, !algorithm.fits(key.kind) { throw .algorithm }
        try Self.checkOperations(in: object)
    }

    /// Whether a token with this header may be meant for this key.
    func opens(_ header: JWEHeader) -> Bool {
        guard header.algorithm.fits(key.kind), algorithm ?? header.algorithm == header.algorithm
        else { return false }
        return header.ephemeralKey?.isOfCurve(key.kind) ?? true
    }

    /// Whatever they are called.
    package func isSameKey(as other: DecryptionKey) -> Bool {
        key.fingerprint == other.key.fingerprint
    }

    /// No token could tell them apart by name and kind.
    package func isMistakable(for other: DecryptionKey) -> Bool {
        keyID != nil && keyID == other.keyID && key.kind == other.key.kind
            && (algorithm == nil || other.algorithm == nil || algorithm == other.algorithm)
    }

    private static func key(_ object: JSONObject) throws(PrivateKeyDefect) -> PrivateKey {
        func bytes(_ name: ByteString) throws(PrivateKeyDefect) -> [UInt8] {
            guard let bytes = object[name]?.string.flatMap(Base64URL.decode) else {
                throw .unreadable
            }
            return bytes
        }
        let curve = object["crv"]?.string ?? ""
        switch object["kty"]?.string {
        case "RSA":
            guard object["oth"] == nil else { throw .unsupported }
            return try PrivateKey(
                rsa: .init(
                    n: try bytes("n"), e: try bytes("e"), d: try bytes("d"), p: try bytes("p"),
                    q: try bytes("q"), dp: try bytes("dp"), dq: try bytes("dq"),
                    qi: try bytes("qi")))
        case "EC":
            guard let curve = EllipticCurve(name: curve) else { throw .unsupported }
            return try PrivateKey(
                curve: curve, x: try bytes("x"), y: try bytes("y"), d: try bytes("d"))
        case "OKP":
            guard let curve = OctetCurve(agreement: curve) else { throw .unsupported }
            return try PrivateKey(curve, x: try bytes("x"), d: try bytes("d"))
        default: throw .unsupported
        }
    }

    private static func text(
        _ name: ByteString, in object: JSONObject
    ) throws(DecryptionKeyDefect) -> ByteString? {
        guard let value = object[name] else { return nil }
        guard let text = value.string else { throw .unreadable }
        return text
    }

    /// - Source: RFC 7517 §4.3.
    private static func checkOperations(in object: JSONObject) throws(DecryptionKeyDefect) {
        guard let value = object["key_ops"] else { return }
        guard let operations = value.strings else { throw .unreadable }
        guard !operations.contains(where: { $0 == "sign" || $0 == "verify" }) else {
            throw .signing
        }
        let wanted: [ByteString] = ["decrypt", "unwrapKey", "deriveKey", "deriveBits"]
        guard operations.contains(where: wanted.contains) else { throw .operations }
    }
}

/// Why a private key can not serve to open tokens.
package enum DecryptionKeyDefect: Error, Hashable, Sendable, CaseIterable {
    case unreadable, publicOnly, encrypted, several, unsupported, size, damaged
    case symmetric, signing, operations, algorithm

    init(_ defect: PrivateKeyDefect) {
        self =
            switch defect {
            case .unreadable: .unreadable
            case .encrypted: .encrypted
            case .several: .several
            case .unsupported: .unsupported
            case .size: .size
            case .damaged: .damaged
            }
    }

    /// What follows `which`: for the operator.
    package var predicate: ByteString {
        switch self {
        case .unreadable: "holds no private key as PEM or JWK that can be read"
        case .publicOnly: "holds a public key: to open tokens the private one is needed"
        case .encrypted: "is protected by a passphrase, which nobody is there to type"
        case .several: "holds more than one PEM key: give each a file of its own"
        case .unsupported:
            "holds a key that opens no tokens: RSA, P-256, P-384, P-521, X25519 and X448 do"
        case .size: "holds an RSA key that is not of 2,048 to 8,192 bits"
        case .damaged: "holds a key whose numbers do not belong together"
        case .symmetric:
            "holds a symmetric key: whoever could encrypt tokens could read them as well"
        case .signing: "holds a key for signing: no key may serve both"
        case .operations: "holds a key that may not decrypt, by its key_ops"
        case .algorithm: "holds a key whose alg is no admitted way to encrypt to it"
        }
    }
}
