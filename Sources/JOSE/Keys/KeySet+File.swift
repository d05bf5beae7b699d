import Cryptography
import Encodings

extension KeySet {
    /// Reads a key file of the operator's: a key set, or public keys in PEM.
    ///
    /// A PEM file names no keys: one in it is any `kid`'s, of several each has its thumbprint for a
    /// `kid` (RFC 7638), as many issuers do.
    /// - Throws: as ``parse(_:)``.
    /// - Source: RFC 7517 §5; RFC 7468 §13.
    package static func parse(file: [UInt8]) throws(JOSEError) -> KeySet {
        let text = file.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
        guard text.first != 0x7B else { return try parse(file) }
        let blocks = try publicKeys(in: file)
        guard blocks.count <= keyLimit else { throw .malformedKeySet }
        let entries = blocks.map { JSONValue.object(object($0, isAlone: blocks.count == 1)) }
        let set = KeySet(entries)
        guard !set.keys.isEmpty else { throw .noUsableKey }
        return set
    }

    /// The contents of the blocks.  Any other block, a private key above all, does not belong into
    /// the file; text between them does.
    private static func publicKeys(in file: [UInt8]) throws(JOSEError) -> [[UInt8]] {
        var blocks: [[UInt8]] = []
        var lines: [UInt8]?
        for line in file.split(separator: 0x0A) {
            let line = ByteString(line.filter { $0 != 0x0D && $0 != 0x20 && $0 != 0x09 })
            if line.hasPrefix("-----BEGIN") {
                guard lines == nil, line == "-----BEGINPUBLICKEY-----" else {
                    throw .malformedKeySet
                }
                lines = []
            } else if line.hasPrefix("-----END") {
                guard let text = lines, line == "-----ENDPUBLICKEY-----",
                    let block = Base64.decode(ByteString(text))
                else { throw .malformedKeySet }
                blocks.append(block)
                lines = nil
            } else {
                lines?.append(contentsOf: line.bytes)
            }
        }
        guard lines == nil, !blocks.isEmpty else { throw .malformedKeySet }
        return blocks
    }

    /// As a key set would write it.
    private static func object(_ block: [UInt8], isAlone: Bool) -> JSONObject {
        func text(_ bytes: [UInt8]) -> JSONValue { .string(Base64URL.encode(bytes)) }
        var object: JSONObject
        switch PublicKeyNumbers(subjectPublicKeyInfo: block) {
        case .rsa(let modulus, let exponent):
            object = ["kty": "RSA", "n": text(modulus), "e": text(exponent)]
        case .elliptic(let curve, let x, let y):
            object = ["kty": "EC", "crv": .string(curve.name), "x": text(x), "y": text(y)]
        case .octets(let curve, let point):
            let name: JSONValue = curve == .ed448 ? "Ed448" : "Ed25519"
            object = ["kty": "OKP", "crv": name, "x": text(point)]
        case nil: return JSONObject()
        }
        if !isAlone, let key = try? JWK(object) { object.append("kid", .string(key.thumbprint)) }
        return object
    }

    /// The set as it may be kept: a private part that a provider has published is neither stored
    /// nor passed on (KEY-09).
    /// - Returns: nil for what is no key set.
    package static func publicDocument(_ document: [UInt8]) -> [UInt8]? {
        guard let keys = (try? JSONObject.parse(document))?["keys"]?.array else { return nil }
        let kept = keys.map { key -> JSONValue in
            guard var object = key.object else { return key }
            for name: ByteString in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
                object[name] = nil
            }
            return .object(object)
        }
        return JSONObject(["keys": .array(kept)]).serialized.bytes
    }
}
