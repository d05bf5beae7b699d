import Encodings

/// Names as numbers: a number is compared at once.
enum PlainName {
    static var alg: UInt64 { word("alg") }
    static var kid: UInt64 { word("kid") }
    static var typ: UInt64 { word("typ") }
    static var cty: UInt64 { word("cty") }
    static var crit: UInt64 { word("crit") }
    static var b64: UInt64 { word("b64") }
    static var enc: UInt64 { word("enc") }
    static var zip: UInt64 { word("zip") }
    static var accessToken: UInt64 { word("at+jwt") }
    static var jwt: UInt64 { word("JWT") }
    static var application: UInt64 { word("applicat") }

    static var iss: UInt64 { word("iss") }
    static var aud: UInt64 { word("aud") }
    static var exp: UInt64 { word("exp") }
    static var nbf: UInt64 { word("nbf") }
    static var iat: UInt64 { word("iat") }
    static var cnf: UInt64 { word("cnf") }
    static var sub: UInt64 { word("sub") }
    static var jti: UInt64 { word("jti") }
    static var scope: UInt64 { word("scope") }
    /// `client_id`, up to its last letter and from its second.
    static var clientID: UInt64 { word("client_i") }
    static var clientIDEnd: UInt64 { word("lient_id") }
    static var nonce: UInt64 { word("nonce") }
    static var accessTokenHash: UInt64 { word("at_hash") }
    static var codeHash: UInt64 { word("c_hash") }
    static var stateHash: UInt64 { word("s_hash") }
    static var events: UInt64 { word("events") }
    static var method: UInt64 { word("htm") }
    static var target: UInt64 { word("htu") }
    /// `token_use`.
    static var tokenUse: UInt64 { word("token_us") }
    /// `token_introspection`.
    static var introspection: UInt64 { word("token_in") }

    /// - Parameter text: at most eight bytes.
    @inline(__always)
    static func word(_ text: StaticString) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            // SAFETY: a StaticString lives for ever, and the index is below its length.
            word |= UInt64(unsafe text.utf8Start[index]) &<< UInt64(8 &* index)
        }
        return word
    }

    /// The first eight bytes of a text in the middle of others.
    @inline(__always)
    static func word(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt64 {
        let count = range.count
        let word = bytes.word(at: range.lowerBound)
        return count >= 8 ? word : word & ((1 &<< UInt64(8 &* count)) &- 1)
    }
}
