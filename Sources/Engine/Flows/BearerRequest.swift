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

    /// Looked at closely, which a token that is known does not need.
    var credentials: BearerCredentials { BearerCredentials(head.authorization) }
}
