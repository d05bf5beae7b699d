import COpenSSL
package import Encodings

/// An issuer's Ed25519 or Ed448 key that signs whatever a test asks for, good or forged.
package struct TokenForge: Sendable {
    package let keyID: ByteString
    private let seed: [UInt8]
    private let curve: Curve

    package enum Curve: Sendable {
        case ed25519, ed448

        var type: Int32 { self == .ed25519 ? EVP_PKEY_ED25519 : EVP_PKEY_ED448 }
        var name: ByteString { self == .ed25519 ? "Ed25519" : "Ed448" }
        var keyCount: Int { self == .ed25519 ? 32 : 57 }
        var signatureCount: Int { 2 * keyCount }
    }

    /// - Parameter seed: the same seed always makes the same key.
    package init(keyID: ByteString = "k1", seed: UInt8 = 1, curve: Curve = .ed25519) {
        self.keyID = keyID
        self.seed = [UInt8](repeating: seed, count: curve.keyCount)
        self.curve = curve
    }

    package var jwk: JSONObject {
        JSONObject([
            "kty": "OKP", "crv": .string(curve.name), "x": .string(Base64URL.encode(publicKey)),
            "kid": .string(keyID),
        ])
    }

    package var jwks: [UInt8] { Self.jwks([jwk]) }

    package static func jwks(_ keys: [JSONObject]) -> [UInt8] {
        JSONObject(["keys": .array(keys.map(JSONValue.object))]).serialized.bytes
    }

    /// - Parameter type: `typ`; none where nil.
    package func token(_ claims: JSONObject, type: ByteString? = "at+jwt") -> ByteString {
        var header = JSONObject(["alg": .string(curve.name), "kid": .string(keyID)])
        if let type { header.append("typ", .string(type)) }
        return token(header: header, payload: claims.serialized)
    }

    package func token(header: JSONObject, payload: ByteString) -> ByteString {
        token(headerText: header.serialized, payload: payload)
    }

    /// Signs texts that need not be JSON at all.
    package func token(headerText: ByteString, payload: ByteString) -> ByteString {
        let signed = Base64URL.encode(headerText.bytes) + "." + Base64URL.encode(payload.bytes)
        return signed + "." + Base64URL.encode(sign(signed.bytes))
    }

    package func sign(_ message: [UInt8]) -> [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(curve.type, nil, seed, seed.count)
        let context = EVP_MD_CTX_new()
        defer {
            EVP_MD_CTX_free(context)
            EVP_PKEY_free(key)
            ERR_clear_error()
        }
        var signature = [UInt8](repeating: 0, count: curve.signatureCount)
        var count = signature.count
        let isDone =
            EVP_DigestSignInit(context, nil, nil, nil, key) == 1
            && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
        precondition(isDone && count == signature.count, "OpenSSL can not sign")
        return signature
    }

    private var publicKey: [UInt8] {
        let key = EVP_PKEY_new_raw_private_key(curve.type, nil, seed, seed.count)
        defer { EVP_PKEY_free(key) }
        var bytes = [UInt8](repeating: 0, count: curve.keyCount)
        var count = bytes.count
        precondition(EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, "no public key")
        return bytes
    }
}
