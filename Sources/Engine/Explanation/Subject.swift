package import Configuration
package import Encodings

/// What a request asked: one reference, kept for who wants to know later why it was decided as
/// it was.
package enum Subject: Sendable {
    case bearer(BearerRequest)
    case browser(BrowserRequest)
    /// The policy guards its endpoints only, and this is another path.
    case open(Guarded)
    /// No policy has that name.
    case unconfigured(policy: ByteString)

    /// Of the policy, as the host named it.
    package var policy: ByteString {
        switch self {
        case .bearer(let request): request.guarded.policy.name
        case .browser(let request): request.guarded.policy.name
        case .open(let guarded): guarded.policy.name
        case .unconfigured(let policy): policy
        }
    }
}
