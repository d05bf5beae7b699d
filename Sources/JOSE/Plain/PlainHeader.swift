import Encodings

/// The header of a token as ``JOSEHeader`` reads it, where it holds nothing unusual.
package struct PlainHeader: Hashable, Sendable {
    /// What `typ` says; another than these is left to ``JOSEHeader``.
    package enum Kind: Hashable, Sendable {
        /// No `typ`, or `JWT`.
        case untyped
        case accessToken
    }

    package let algorithm: SignatureAlgorithm
    package let kind: Kind
    /// Where `kid` stands.
    package let keyID: Range<Int>?

    /// In bytes; ``JOSEHeader`` takes longer ones.
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
