import Encodings
import HTTPMessages

/// What the endpoints below the prefix have in common.
enum EndpointAnswer {
    /// - Returns: nil where the endpoint has the request's method.
    static func wrongMethod(_ request: BrowserRequest, _ endpoint: Endpoint) -> Decision? {
        let methods = endpoint.methods
        guard !methods.contains(request.head.method) else { return nil }
        let allowed = methods.dropFirst().reduce(methods.first ?? "") { $0 + ", " + $1 }
        return request.finished(
            Answer.problem(
                405, "Method not allowed", .methodNotAllowed,
                headers: [HeaderField("Allow", allowed)]), nil)
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
