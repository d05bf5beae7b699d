package import Encodings

/// The tokens of one answer of the token endpoint; nothing about them is verified yet.
/// - Source: RFC 6749 §5.1; OpenID Connect Core §3.1.3.3.
package struct TokenSet: Hashable, Sendable {
    /// Visible ASCII only, so that it can stand in a header field as it is.
    package var accessToken: Secret
    /// Seconds, 0 to ``longestLifetime``; nil where the provider does not say.
    package var expiresIn: Int64?
    /// Nil: the one we have stays in force.
    package var refreshToken: Secret?
    package var idToken: Secret?
    /// Nil: what was asked for.
    package var scope: ByteString?

    /// Seconds; and bytes of a token.
    package static let longestLifetime: Int64 = 31_536_000
    package static let longestToken = 16 << 10

    package init(
        accessToken: Secret, expiresIn: Int64? = nil, refreshToken: Secret? = nil,
        idToken: Secret? = nil, scope: ByteString? = nil
    ) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.idToken = idToken
        self.scope = scope
    }

    /// - Returns: nil where the answer must not be used: a token of a type we cannot present, or
    ///   members of the wrong form.  `null` and empty text count as absent.
    init?(_ answer: JSONObject) {
        guard let type = answer["token_type"]?.string, type.lowercased == "bearer",
            let access = answer["access_token"]?.string,
            (1...Self.longestToken).contains(access.count),
            access.bytes.allSatisfy(ASCII.isVisible),
            let lifetime = Self.lifetime(answer["expires_in"]),
            let refresh = Self.optionalToken(answer["refresh_token"]),
            let id = Self.optionalToken(answer["id_token"])
        else { return nil }
        self.init(
            accessToken: Secret(access), expiresIn: lifetime, refreshToken: refresh, idToken: id,
            scope: answer["scope"]?.string)
    }

    /// Outer nil: of the wrong form; inner nil: absent.
    private static func lifetime(_ value: JSONValue?) -> Int64?? {
        switch value {
        case nil, .null: return .some(nil)
        case .integer(let seconds): return min(max(seconds, 0), longestLifetime)
        case .real(let seconds):
            return Int64(min(max(seconds, 0), Double(longestLifetime)))
        default: return nil
        }
    }

    /// Outer nil: of the wrong form; inner nil: absent.
    private static func optionalToken(_ value: JSONValue?) -> Secret?? {
        switch value {
        case nil, .null: return .some(nil)
        case .string(let text):
            guard text.count <= longestToken,
                text.bytes.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return nil }
            return text.isEmpty ? .some(nil) : Secret(text)
        default: return nil
        }
    }
}
