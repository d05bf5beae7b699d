import Encodings
import HTTPMessages

/// What the endpoints below the prefix have in common.
enum EndpointAnswer {
    static func methodNotAllowed(_ request: BrowserRequest, allow: ByteString) -> Decision {
        request.finished(
            Answer.problem(
                405, "Method not allowed", .methodNotAllowed,
                headers: [HeaderField("Allow", allow)]), nil)
    }

    /// A sentence for the person whose login failed.
    static func explanation(_ reason: Reason) -> ByteString {
        switch reason {
        case .loginAttemptMissing:
            "This sign-in was not begun in this browser, or it took too long."
        case .loginAlreadyCompleted: "This sign-in has already been completed."
        case .loginRefusedByProvider: "The identity provider ended the sign-in."
        case .loginAnswerMalformed: "The answer of the identity provider could not be used."
        case .loginCodeRefused, .loginTokenRefused:
            "The answer of the identity provider was not accepted."
        default: "The identity provider or the session store cannot be reached just now."
        }
    }
}
