import Cryptography
import Encodings

/// The members that make a key, by its type.
/// - Source: RFC 7518 §6.2.1, §6.3.1; RFC 8037 §2.
struct KeyForm {
    let kind: JWK.Kind
    let key: PublicKey
    /// As they stand in the key: what the thumbprint is made of.
    let required: [(ByteString, ByteString)]

    init(_ object: JSONObject) throws(KeyDefect) {
        switch object["kty"]?.string {
        case "RSA": try self.init(rsa: object)
        case "EC": try self.init(elliptic: object)
        case "OKP": try self.init(octetPair: object)
        case "oct": throw .symmetric
        default: throw .unknownType
        }
    }

    private init(rsa object: JSONObject) throws(KeyDefect) {
        let n = try Self.text("n", in: object)
        let e = try Self.text("e", in: object)
        let (modulus, exponent) = (try Self.bytes(n), try Self.bytes(e))
        guard let key = PublicKey(rsaModulus: modulus, exponent: exponent) else {
            throw .badNumbers
        }
        kind = .rsa
        self.key = key
        required = [("kty", "RSA"), ("n", n), ("e", e)]
    }

    private init(elliptic object: JSONObject) throws(KeyDefect) {
        let name = try Self.text("crv", in: object)
        guard let curve = EllipticCurve(name: name) else { throw .unknownCurve }
        let x = try Self.text("x", in: object)
        let y = try Self.text("y", in: object)
        guard let key = PublicKey(curve: curve, x: try Self.bytes(x), y: try Self.bytes(y)) else {
            throw .badNumbers
        }
        kind = .elliptic(curve)
        self.key = key
        required = [("kty", "EC"), ("crv", name), ("x", x), ("y", y)]
    }

    /// Not X25519 and X448, which can not sign.
    private init(octetPair object: JSONObject) throws(KeyDefect) {
        let name = try Self.text("crv", in: object)
        let (kind, curve): (JWK.Kind, OctetCurve) =
            switch name {
            case "Ed25519": (.ed25519, .ed25519)
            case "Ed448": (.ed448, .ed448)
            default: throw .unknownCurve
            }
        let x = try Self.text("x", in: object)
        guard let key = PublicKey(curve, point: try Self.bytes(x)) else { throw .badNumbers }
        self.kind = kind
        self.key = key
        required = [("kty", "OKP"), ("crv", name), ("x", x)]
    }

    private static func text(
        _ name: ByteString, in object: JSONObject
    ) throws(KeyDefect) -> ByteString {
        guard let value = object[name] else { throw .missingMember }
        guard let text = value.string else { throw .malformedMember }
        return text
    }

    private static func bytes(_ text: ByteString) throws(KeyDefect) -> [UInt8] {
        guard let bytes = Base64URL.decode(text) else { throw .malformedMember }
        return bytes
    }
}
