import BothWays
import Cryptography
import Encodings
import Foundation
import JOSE
import OAuth

/// What the product makes of a record.
enum VectorOutcome {
    case accepted
    case refused(String)
    /// Accepted, but with something else in it than the record says.
    case wrong(String)
    /// The record can not be run as it stands.
    case unusable(String)
}

extension VectorRecord {
    func run() -> VectorOutcome {
        switch kind {
        case "jws": signedToken()
        case "jwe": encryptedToken()
        case "jwk": token == nil ? keyAlone() : signedToken()
        case "jwt": accessToken()
        case "sig": signature()
        case "json": document()
        default: .unusable("unknown kind \(kind)")
        }
    }

    private func signedToken() -> VectorOutcome {
        guard let token else { return .unusable("no token") }
        do {
            let keys = try KeySet.parse(keySet)
            let verified = try UnverifiedJWS(token)
                .verify(with: keys, allowing: SignatureAlgorithm.supported)
            if let expected = text("payload_b64"), Base64URL.encode(verified.payload) != expected {
                return .wrong("another payload")
            }
            return .accepted
        } catch {
            return .refused("\(error)")
        }
    }

    private func encryptedToken() -> VectorOutcome {
        guard let token else { return .unusable("no token") }
        do {
            let keys = DecryptionKeys(try privateKeys("jwk", "jwks"))
            let content = try UnopenedJWE(token).open(with: keys, SystemRandom()).content
            if let expected = hexadecimal("plaintext_hex"), content != expected {
                return .wrong("another content")
            }
            return .accepted
        } catch {
            return .refused("\(error)")
        }
    }

    private func keyAlone() -> VectorOutcome {
        guard let key else { return .unusable("no key") }
        do {
            let thumbprint = try JWK(try JSONObject.parse(key)).thumbprint
            if let expected = text("thumbprint_sha256"), thumbprint != expected {
                return .wrong("thumbprint \(thumbprint)")
            }
            return .accepted
        } catch {
            return .refused("\(error)")
        }
    }

    private func accessToken() -> VectorOutcome {
        guard let token, let issuer = profile["iss"] as? String,
            let audience = profile["aud"] as? String, let now = profile["now"] as? Int64,
            let leeway = profile["leeway"] as? Int64, profile["typ"] as? String == "at+jwt"
        else { return .unusable("no token, or an incomplete profile") }
        var isProven = false
        do {
            let keys = DecryptionKeys(try privateKeys("decrypt_jwk"))
            let rules = AccessTokenRules(
                issuer: ByteString(issuer), audiences: [ByteString(audience)], leeway: leeway,
                decryptionKeys: keys, requiresEncryption: !keys.isEmpty)
            let signingKeys = try KeySet.parse(keySet)
            isProven = BothWays.isProven(token, rules, signingKeys, now: now)
            let nested = keys.isEmpty
                ? nil : try NestedToken(opening: token, with: keys, SystemRandom())
            _ = try rules.check(
                nested?.text ?? token, openedWith: nested?.key, keys: signingKeys, now: now)
            return .accepted
        } catch {
            return isProven ? .wrong("proven on the short way") : .refused("\(error)")
        }
    }

    private func signature() -> VectorOutcome {
        guard let key, let name = text("alg"), let message = hexadecimal("msg_hex"),
            let signature = hexadecimal("sig_hex")
        else { return .unusable("no key, algorithm, message or signature") }
        guard let algorithm = SignatureAlgorithm(name: name) else { return .refused("algorithm") }
        do {
            let key = try JWK(try JSONObject.parse(key))
            let isGood = key.verify(signature.span, of: message.span, by: algorithm)
            return isGood ? .accepted : .refused("badSignature")
        } catch {
            return .refused("\(error)")
        }
    }

    /// As headers, claims and provider documents are read: only an object will do.
    private func document() -> VectorOutcome {
        guard let text = text("json_b64")?.string, let document = Data(base64Encoded: text) else {
            return .unusable("no document")
        }
        do {
            _ = try JSONObject.parse(Array(document))
            return .accepted
        } catch {
            let isWalked = BothWays.isWalked(Array(document))
            return isWalked ? .wrong("walked over") : .refused("\(error)")
        }
    }
}
