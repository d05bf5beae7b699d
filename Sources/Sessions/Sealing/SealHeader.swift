import Encodings

/// What stands in clear before sealed bytes: version 1, length of a ring key's id, the id, a salt
/// of 32 bytes.
///
/// It needs no seal of its own: a changed byte leads to another key, and nothing opens.
struct SealHeader {
    let keyID: ByteString
    let salt: [UInt8]

    static func encode(_ keyID: ByteString, _ salt: [UInt8]) -> [UInt8] {
        [1, UInt8(clamping: keyID.count)] + keyID.bytes + salt
    }

    /// - Returns: the header and what follows it.
    static func split(_ bytes: [UInt8]) -> (SealHeader, [UInt8])? {
        var input = FieldReader(bytes)
        guard input.bytes(1) == [1], let count = input.bytes(1).first else { return nil }
        let id = ByteString(input.bytes(Int(count)))
        let salt = input.bytes(32)
        let body = input.remainder()
        guard input.isComplete else { return nil }
        return (SealHeader(keyID: id, salt: salt), body)
    }
}
