import Cryptography

/// Encryption under a key that is used once: the nonce may be the same every time.
enum OneTimeBox {
    private static let nonce = [UInt8](repeating: 0, count: AES256GCM.nonceCount)

    static func seal(_ plaintext: [UInt8], key: [UInt8], bound: [UInt8]) -> [UInt8]? {
        AES256GCM.seal(key: key, nonce: nonce, plaintext: plaintext, additional: bound)
    }

    static func open(_ sealed: [UInt8], key: [UInt8], bound: [UInt8]) -> [UInt8]? {
        AES256GCM.open(key: key, nonce: nonce, ciphertext: sealed, additional: bound)
    }
}
