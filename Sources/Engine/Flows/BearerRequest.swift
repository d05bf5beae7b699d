package import Configuration
package import Encodings
package import HTTPMessages

/// A request under a bearer policy.
package final class BearerRequest: Sendable {
    package let head: RequestHead
    package let guarded: Guarded
    /// What may be a token: what follows the scheme of the only `Authorization` line, or the value
    /// of the cookie that the policy names.  Nil where both are there.
    package let token: ByteString?
    /// What the policy's cookie holds; `.absent` where the policy names none.
    package let cookie: CookieHeader.Lookup
    /// The token comes from the cookie, and nothing stands in the header.
    package let isInCookie: Bool

    init(_ head: RequestHead, _ guarded: Guarded) {
        self.head = head
        self.guarded = guarded
        let inHeader = BearerCredentials.candidate(head.authorization)
        cookie = Self.cookie(head, guarded)
        switch cookie {
        case .once(let value) where BearerCredentials(head.authorization) == .none:
            (token, isInCookie) = (value, true)
        case .once, .repeated: (token, isInCookie) = (nil, false)
        case .absent: (token, isInCookie) = (inHeader, false)
        }
    }

    /// An empty value is how some applications delete a cookie.
    private static func cookie(_ head: RequestHead, _ guarded: Guarded) -> CookieHeader.Lookup {
        guard let name = guarded.policy.tokenCookie else { return .absent }
        let found = CookieHeader(head.cookies).lookup(name)
        return found == .once("") ? .absent : found
    }

    /// A token in the query is none.  Beside one in the header it is a second way to send one, and
    /// an upstream might look at that: the wrong one would be checked here.
    /// - Source: RFC 6750 §3.1; RFC 9700 §4.3.2; BEA-03.
    var hasSecondToken: Bool {
        guard token != nil, let query = head.query else { return false }
        return query.words(separatedBy: 0x26).contains { part in
            let name = part.divided(at: 0x3D)?.0 ?? part
            return name.count >= 12 && FormEncoding.decode(name) == "access_token"
        }
    }

    /// Looked at closely, which a token that is known does not need.
    ///
    /// Header and cookie at once are two ways to send a token, which no client may use (RFC 6750
    /// §2): neither is taken for the one that is meant.
    var credentials: BearerCredentials {
        let inHeader = BearerCredentials(head.authorization)
        return switch cookie {
        case .absent: inHeader
        case .repeated: .repeated
        case .once(let value): inHeader == .none ? .token(value) : .repeated
        }
    }

    /// Browsers send a cookie along with requests that other sites cause.
    var mayComeFromItsOrigin: Bool {
        guard isInCookie else { return true }
        guard let origin = guarded.origin else { return false }
        return SameOriginProof.admits(
            head, origin: origin, allowsCrossSiteReads: guarded.policy.allowsCrossSiteReads)
    }

    // MARK: Header hygiene

    /// For the upstream: our cookies, those that hold a token, and claim headers never come from a
    /// client, and no `Authorization` does that was not checked.
    func hygiene(isTokenGood: Bool) -> [HeaderEdit] {
        var edits = guarded.policy.claimHeaders.map { HeaderEdit($0.name, nil) }
        // A host may forward what was refused here, or a preflight: an upstream that trusts us
        // must not take an unchecked token for a checked one.
        if !isTokenGood || !guarded.policy.forwardsToken {
            edits.append(HeaderEdit(HeaderText.authorization, nil))
        } else if isInCookie, let token {
            edits.append(HeaderEdit(HeaderText.authorization, HeaderText.bearer + token))
        }
        if guarded.editsCookies, !head.cookies.isEmpty {
            let kept = CookieHeader(head.cookies).removing(where: guarded.takesOut)
            edits.append(HeaderEdit(HeaderText.cookie, kept))
        }
        return edits
    }
}
