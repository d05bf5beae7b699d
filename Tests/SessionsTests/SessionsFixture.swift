import Cryptography
import Encodings
import Sessions

/// Counts upwards, so that every draw differs and every run is the same.
final class CountingRandom: RandomSource, @unchecked Sendable {
    private var next: UInt8 = 0

    func bytes(_ count: Int) -> [UInt8]? {
        (0..<count).map { _ in
            next &+= 1
            return next
        }
    }
}

struct NoRandom: RandomSource {
    func bytes(_ count: Int) -> [UInt8]? { nil }
}

func ringKey(_ id: ByteString, _ fill: UInt8) -> KeyRing.Key {
    KeyRing.Key(id: id, secret: Secret([UInt8](repeating: fill, count: 32)))
}

let ring = KeyRing(current: ringKey("k1", 1))

func contents() -> SessionContents {
    SessionContents(
        issuer: "https://idp.example", clientID: "web", provider: "main", subject: "alice",
        authTime: 1_700_000_000,
        idClaims: JSONObject(["sub": "alice", "name": "Älice \u{7F}\"", "n": 1]),
        accessToken: Secret("access-canary"), obtainedAt: 1_700_000_000,
        accessExpiry: 1_700_000_300, scope: "openid email", refreshToken: Secret("refresh-canary"),
        idToken: Secret("id-canary"), createdAt: 1_700_000_001, absoluteExpiry: 1_700_036_000,
        isUnverified: false)
}
