package import Encodings

/// What we remember of a session and no one else may read: who signed in, and the tokens.
///
/// Times are seconds since 1970.
package struct SessionContents: Hashable, Sendable {
    /// With `clientID` and `provider`: for whom the session was made.  It is none for another
    /// (COK-16).
    package var issuer: ByteString
    package var clientID: ByteString
    package var provider: ByteString
    package var subject: ByteString
    package var authTime: Int64?
    /// Of the first ID token, or of a later one whose check is done.
    package var idClaims: JSONObject
    package var accessToken: Secret
    /// When the access token came: its expiry less its life.
    package var obtainedAt: Int64
    package var accessExpiry: Int64
    package var scope: ByteString?
    package var refreshToken: Secret?
    package var idToken: Secret
    package var createdAt: Int64
    package var absoluteExpiry: Int64
    /// The ID token came with a refresh and its check is still owed: nothing may be forwarded
    /// until it passes.
    package var isUnverified: Bool

    package init(
        issuer: ByteString, clientID: ByteString, provider: ByteString, subject: ByteString,
        authTime: Int64?, idClaims: JSONObject, accessToken: Secret, obtainedAt: Int64,
        accessExpiry: Int64, scope: ByteString?, refreshToken: Secret?, idToken: Secret,
        createdAt: Int64, absoluteExpiry: Int64, isUnverified: Bool
    ) {
        self.issuer = issuer
        self.clientID = clientID
        self.provider = provider
        self.subject = subject
        self.authTime = authTime
        self.idClaims = idClaims
        self.accessToken = accessToken
        self.obtainedAt = obtainedAt
        self.accessExpiry = accessExpiry
        self.scope = scope
        self.refreshToken = refreshToken
        self.idToken = idToken
        self.createdAt = createdAt
        self.absoluteExpiry = absoluteExpiry
        self.isUnverified = isUnverified
    }
}

/// Tokens show themselves in no log line and no debugger's print-out.
extension SessionContents: CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    package var description: String { "SessionContents(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SessionContents {
    /// Of the encoding; another means another version of the program wrote it.
    private static let version: Int64 = 1

    package var encoded: [UInt8] {
        var output = FieldWriter()
        output.write(Self.version)
        for text in [issuer, clientID, provider, subject] { output.write(text) }
        output.write(authTime)
        output.write(idClaims.serialized)
        output.write(accessToken.reveal())
        output.write(obtainedAt)
        output.write(accessExpiry)
        output.write(scope)
        output.write(refreshToken?.reveal())
        output.write(idToken.reveal())
        output.write(createdAt)
        output.write(absoluteExpiry)
        output.write(isUnverified)
        return output.bytes
    }

    /// - Returns: nil for anything but a whole encoding of this version.
    package init?(encoded: [UInt8]) {
        var input = FieldReader(encoded)
        guard input.number() == Self.version else { return nil }
        issuer = input.field()
        clientID = input.field()
        provider = input.field()
        subject = input.field()
        authTime = input.optionalNumber()
        // What was within the limits of a token when it came may be longer with our escapes.
        let limits = JSONLimits(bytes: 512 << 10, stringBytes: 512 << 10)
        guard let claims = try? JSONObject.parse(input.field().bytes, limits: limits) else {
            return nil
        }
        idClaims = claims
        accessToken = Secret(input.field())
        obtainedAt = input.number()
        accessExpiry = input.number()
        scope = input.optionalField()
        refreshToken = input.optionalField().map { Secret($0) }
        idToken = Secret(input.field())
        createdAt = input.number()
        absoluteExpiry = input.number()
        isUnverified = input.flag()
        guard input.isComplete else { return nil }
    }
}
