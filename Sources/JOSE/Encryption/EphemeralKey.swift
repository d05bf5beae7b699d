import Cryptography
import Encodings

/// A sender's half of a key agreement, read and not yet looked at: whether its point lies on the
/// curve is found out when there is a key of ours to agree with.
/// - Source: RFC 7518 §4.6.1.1; RFC 8037 §3.2.
struct EphemeralKey: Hashable, Sendable {
    enum Curve: Hashable, Sendable {
        case elliptic(EllipticCurve)
        case octets(OctetCurve)
    }

    let curve: Curve
    private let x, y: [UInt8]

    init(_ object: JSONObject?) throws(JOSEError) {
        guard let object, let type = object["kty"]?.string, let name = object["crv"]?.string,
            let x = object["x"]?.string.flatMap(Base64URL.decode)
        else { throw .malformed }
        self.x = x
        if type == "EC", let curve = EllipticCurve(name: name),
            let y = object["y"]?.string.flatMap(Base64URL.decode)
        {
            self.curve = .elliptic(curve)
            self.y = y
        } else if type == "OKP", let curve = OctetCurve(agreement: name) {
            self.curve = .octets(curve)
            y = []
        } else {
            throw .malformed
        }
    }

    /// Nil for a point that is not on its curve, or is of another length: it could make us tell
    /// our key bit by bit (the invalid curve attack, RFC 8725 §3.4).
    var publicKey: PublicKey? {
        switch curve {
        case .elliptic(let curve): PublicKey(curve: curve, x: x, y: y)
        case .octets(let curve): PublicKey(curve, point: x)
        }
    }

    func isOfCurve(_ kind: PrivateKey.Kind) -> Bool {
        switch (curve, kind) {
        case (.elliptic(let own), .elliptic(let other)): own == other
        case (.octets(.x25519), .x25519), (.octets(.x448), .x448): true
        default: false
        }
    }
}
