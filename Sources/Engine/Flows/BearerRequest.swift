package import Configuration
package import Encodings
package import HTTPMessages

/// A request under a bearer policy.
package final class BearerRequest: Sendable {
    package let head: RequestHead
    package let guarded: Guarded
    /// What may be a token: what follows the scheme of the only `Authorization` line.
    package let token: ByteString?

    init(_ head: RequestHead, _ guarded: Guarded) {
        self.head = head
        self.guarded = guarded
        token = BearerCredentials.candidate(head.authorization)
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
    var credentials: BearerCredentials { BearerCredentials(head.authorization) }
}
