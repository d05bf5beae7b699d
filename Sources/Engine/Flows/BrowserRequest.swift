package import Configuration
import Encodings
package import HTTPMessages
package import Sessions

/// A request under a policy that knows sessions, with what its header says of the browser.
package final class BrowserRequest: Sendable {
    package let head: RequestHead
    package let guarded: Guarded
    package let rules: Provider.SessionRules
    /// Of this provider's sessions and attempts.
    package let cookieNames: GuardedCookies
    package let cookies: CookieHeader
    package let presented: Presented

    /// What stands where the session cookie should be.
    package enum Presented: Sendable {
        case nothing
        /// The same name twice: somebody else's doing.
        case repeated
        /// No ticket could look like this.
        case malformed
        /// `stamp` was read when the request arrived.
        case ticket(SessionTicket, stamp: UInt64)
    }

    init(
        _ head: RequestHead, _ guarded: Guarded, _ rules: Provider.SessionRules,
        stamps: any StampBoard
    ) {
        self.head = head
        self.guarded = guarded
        self.rules = rules
        cookieNames = guarded.cookies ?? GuardedCookies(sessionName: rules.cookieName)
        cookies = CookieHeader(head.cookies)
        presented =
            switch cookies.lookup(rules.cookieName) {
            case .absent: .nothing
            case .repeated: .repeated
            case .once(let value):
                if let ticket = SessionTicket(cookieValue: value) {
                    .ticket(ticket, stamp: stamps.stamp(of: ticket.rowKey))
                } else {
                    .malformed
                }
            }
    }

    package var kind: RequestKind { RequestKind(head) }

    var ticket: SessionTicket? {
        if case .ticket(let ticket, _) = presented { ticket } else { nil }
    }

    /// Reads the session from the store, or waits for who does; its `.landed(.load)` is an input.
    /// - Returns: false where the cookie is no ticket.
    func joinLoad(_ scene: inout Scene) -> Bool {
        guard case .ticket(let ticket, let stamp) = presented else { return false }
        scene.join(
            .load(ticket.rowKey, stamp: stamp),
            SessionLoadFlight(ticket, provider: guarded.provider.name))
        return true
    }

    /// Deletes the session cookie in the browser.
    var clearedCookie: SetCookie { rules.cookie("", maxAge: 0) }

    // MARK: Header hygiene

    /// What no upstream of a session route may get from a client: its `Authorization`, our
    /// cookies, and header fields by which we tell claims.
    var hygiene: [HeaderEdit] {
        edits(authorization: nil, guarded.policy.claimHeaders.map { HeaderEdit($0.name, nil) })
    }

    func edits(authorization: ByteString?, _ claims: [HeaderEdit]) -> [HeaderEdit] {
        var edits: [HeaderEdit] = []
        edits.reserveCapacity(claims.count + 2)
        edits.append(HeaderEdit(HeaderText.authorization, authorization))
        if !head.cookies.isEmpty {
            edits.append(
                HeaderEdit(HeaderText.cookie, cookies.removing(where: cookieNames.contains)))
        }
        edits += claims
        return edits
    }

    /// A decision of ours, with the hygiene for a host that forwards in spite of it.
    func finished(_ decision: Decision, _ state: SessionState?) -> Decision {
        var decision = decision
        decision.upstreamEdits = hygiene
        decision.sessionState = state
        decision.guardedCookies = cookieNames
        return decision
    }

    // MARK: Answers

    /// There is no session: a page leads to the login, a program is told where that is.
    func signInNeeded(_ reason: Reason, clearingCookie: Bool = false) -> Decision {
        let cookies = clearingCookie ? [clearedCookie] : []
        let state: SessionState = clearingCookie ? .ended : .none
        guard kind == .navigation else {
            let challenge = HeaderField(
                "WWW-Authenticate", "Cloakroom login=\"" + rules.loginPath + "\"")
            return finished(
                Answer.problem(
                    401, "Sign-in needed", reason,
                    members: ["login": .string(rules.loginPath)], headers: [challenge],
                    cookies: cookies), state)
        }
        if rules.sameSite == .strict, head.values(.fetchSite) == ["cross-site"] {
            // A Strict cookie does not come with the navigation that ends a login: the page asks
            // once more, now from our own site, instead of starting a login again (COK-19).
            return finished(
                Answer.page(
                    200, "One moment", "This page is loading.", reason,
                    headers: [HeaderField("Refresh", "0")], cookies: cookies), state)
        }
        return finished(Answer.redirect(loginURL(head.target), reason, cookies: cookies), state)
    }

    private func loginURL(_ target: ByteString) -> ByteString {
        guard let path = ReturnPath.accept(target, prefix: rules.prefix) else {
            return rules.loginPath
        }
        return rules.loginPath + "?" + FormEncoding.encode([("return_to", path)])
    }

    /// We cannot tell: never a log-out, never a way in.
    /// - Parameter seconds: when to come back.
    func unavailable(_ reason: Reason, retryAfter seconds: Int64 = 2, offersLogin: Bool = false)
        -> Decision
    {
        let retry = Answer.retryAfter(seconds)
        let decision =
            kind == .navigation
            ? Answer.page(
                503, "Please try again in a moment",
                "Signing in or staying signed in does not work just now.", reason,
                link: offersLogin ? (loginURL(head.target), "Sign in again") : nil,
                headers: [retry])
            : Answer.problem(503, "Try again later", reason, headers: [retry])
        return finished(decision, nil)
    }

    func refused(_ status: Int, _ title: ByteString, _ reason: Reason) -> Decision {
        finished(Answer.problem(status, title, reason), nil)
    }
}
