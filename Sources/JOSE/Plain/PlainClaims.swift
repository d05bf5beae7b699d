import Encodings

/// Where the claims of an access token stand that its check looks at, where they hold nothing
/// unusual.  Whether they are good is for ``AccessTokenRules`` to say.
package struct PlainClaims: Hashable, Sendable {
    package private(set) var issuer: Range<Int>?
    /// Of one audience, or of a list of them.
    package private(set) var audience: Range<Int>?
    package private(set) var isAudienceList = false
    /// Seconds since 1970, greater than 0; nil where there is no such claim.
    package private(set) var expiry: Int64?
    package private(set) var notBefore: Int64?
    package private(set) var scope: Range<Int>?
    /// Claims that are there and not empty.
    package private(set) var present: Present = []
    /// A claim is there by which other kinds of tokens are told.
    package private(set) var mayBeOtherKind = false

    package struct Present: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let subject = Present(rawValue: 1)
        package static let clientID = Present(rawValue: 2)
        package static let issueTime = Present(rawValue: 4)
        package static let tokenID = Present(rawValue: 8)
    }

    /// - Parameter bytes: hold the claims at `start`, as ``JSONCursor`` wants them.
    /// - Returns: nil where ``ClaimsSet`` has to look at them: something unusual, a claim that is
    ///   not of its type, or `cnf`.
    package init?(_ bytes: Span<UInt8>, from start: Int, count: Int) {
        var cursor = JSONCursor(bytes, from: start, count: count)
        while let name = cursor.nextName() {
            switch name.first {
            case PlainName.iss: issuer = cursor.string()
            case PlainName.aud:
                isAudienceList = cursor.head == 0x5B
                audience = isAudienceList ? cursor.strings() : cursor.string()
            case PlainName.exp: expiry = cursor.integer()
            case PlainName.nbf: notBefore = cursor.integer()
            case PlainName.iat:
                _ = cursor.integer()
                present.insert(.issueTime)
            case PlainName.sub: note(cursor.string(), .subject)
            case PlainName.jti: note(cursor.string(), .tokenID)
            case PlainName.scope: scope = cursor.string()
            case PlainName.clientID where name.last == PlainName.clientIDEnd && name.count == 9:
                note(cursor.string(), .clientID)
            case PlainName.cnf: return nil
            case PlainName.typ, PlainName.tokenUse:
                let start = cursor.position
                cursor.skipValue()
                // `id`, in quotes and letters of any case.
                if cursor.position &- start == 4 { mayBeOtherKind = true }
            case PlainName.nonce, PlainName.accessTokenHash, PlainName.codeHash,
                PlainName.stateHash, PlainName.events, PlainName.introspection, PlainName.method,
                PlainName.target:
                mayBeOtherKind = true
                cursor.skipValue()
            default: cursor.skipValue()
            }
        }
        guard !cursor.isOdd else { return nil }
    }

    private mutating func note(_ text: Range<Int>, _ claim: Present) {
        if !text.isEmpty { present.insert(claim) }
    }
}
