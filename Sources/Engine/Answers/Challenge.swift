import Encodings
import HTTPMessages

/// What a request under a bearer policy is told that is not let through.
/// - Source: RFC 6750 §3; RFC 9110 §11.6.1; section H of the requirements.
struct Challenge {
    /// The error code is for the client.
    /// - Source: RFC 6750 §3.1.
    enum Problem: ByteString {
        /// No credentials: no error code, lest it tell what nobody has asked for.
        case missing = ""
        case request = "invalid_request"
        case token = "invalid_token"
        case scope = "insufficient_scope"

        var status: Int {
            switch self {
            case .missing, .token: 401
            case .request: 400
            case .scope: 403
            }
        }
    }

    let problem: Problem
    let realm: ByteString
    let scopes: [ByteString]

    /// - Parameters:
    ///   - title: for programs.
    ///   - reason: which check refused; the client of a refused token is not told (BEA-09).
    ///   - isForPeople: a person opens a page.
    func answer(_ title: ByteString, _ reason: Reason, isForPeople: Bool) -> Decision {
        let shown = problem == .token ? Reason.tokenRefused : reason
        let field = HeaderField("WWW-Authenticate", text)
        var decision =
            isForPeople
            ? Answer.page(problem.status, pageTitle, pageText, shown, headers: [field])
            : Answer.problem(problem.status, title, shown, headers: [field])
        decision.reason = reason
        return decision
    }

    /// Realm and scopes may stand in quotes as they are: the configuration has seen to that.
    /// One parameter there must be, and a realm is always known.
    private var text: ByteString {
        var text: ByteString = "Bearer realm=\"" + realm + "\""
        if problem != .missing { text += ", error=\"" + problem.rawValue + "\"" }
        if !scopes.isEmpty, problem == .missing || problem == .scope {
            let words = scopes.dropFirst().reduce(scopes.first ?? "") { $0 + " " + $1 }
            text += ", scope=\"" + words + "\""
        }
        return text
    }

    private var pageTitle: ByteString {
        switch problem {
        case .missing, .token: "Please sign in"
        case .request: "This request is contradictory"
        case .scope: "Not allowed"
        }
    }
    private var pageText: ByteString {
        switch problem {
        case .missing, .token: "You are not signed in, or not any more."
        case .request: "What it says of who you are is malformed, or said twice."
        case .scope: "What you are signed in for does not include this page."
        }
    }
}
