import Encodings

/// The header of a token as ``JOSEHeader`` reads it, where it holds nothing unusual.
package struct PlainHeader: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// No `typ`, or `JWT`.
        case untyped
        case accessToken
    }

    package let algorithm: SignatureAlgorithm
    package let kind: Kind
    /// Where `kid` stands.
    package let keyID: Range<Int>?

    static let sizeLimit = 1 << 10

    /// - Parameter bytes: hold the header at `start`, as ``JSONCursor`` wants it.
    /// - Returns: nil where ``JOSEHeader`` has to look at it.
    package init?(_ bytes: Span<UInt8>, from start: Int, count: Int) {
        guard count <= Self.sizeLimit else { return nil }
        var cursor = JSONCursor(bytes, from: start, count: count)
        var (algorithm, kind): (SignatureAlgorithm?, Kind) = (nil, .untyped)
        var keyID: Range<Int>?
        while let name = cursor.nextName() {
            switch name.first {
            case PlainName.alg: algorithm = PlainAlgorithm.named(bytes, cursor.string())
            case PlainName.kid: keyID = cursor.string()
            case PlainName.typ:
                guard let known = Self.kind(bytes, cursor.string()) else { return nil }
                kind = known
            case PlainName.cty: _ = cursor.string()
            case PlainName.crit, PlainName.b64, PlainName.enc, PlainName.zip: return nil
            default: cursor.skipValue()
            }
        }
        guard !cursor.isOdd, let algorithm, (keyID?.count ?? 0) <= KeySet.keyIDLimit else {
            return nil
        }
        self.algorithm = algorithm
        self.kind = kind
        self.keyID = keyID
    }

    /// The spellings that are in use; the others are compared as the media types that they are.
    private static func kind(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Kind? {
        switch PlainName.word(bytes, range) {
        case PlainName.accessToken: .accessToken
        case PlainName.jwt: .untyped
        case PlainName.application where bytes.extracting(range).isText("application/at+jwt"):
            .accessToken
        default: nil
        }
    }
}

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
