package import Encodings
package import HTTPMessages

/// What an answer of the token endpoint means.
///
/// Only ``refused`` may end a session: an error page, an overload or a broken proxy must never log
/// anyone out.
/// - Source: RFC 6749 §5; RFC 9700 §4.14.
package enum TokenResponse: Hashable, Sendable {
    case tokens(TokenSet)
    /// The provider has clearly refused this code or refresh token.
    case refused
    /// Another error that the provider names, as `invalid_client`: the operator must act; nothing
    /// was issued.  Safe to log.
    case rejected(ByteString)
    /// Nothing was issued, and why is not said: the same token may be presented again later.
    case failed(status: Int)
    /// Tokens may have been issued, and a refresh token may be spent: the outcome is unknown.
    case unclear(status: Int)

    /// - Parameter refusals: answers that count as a refusal beside `invalid_grant`.
    package static func parse(
        _ response: OutboundResponse, refusals: [RefusalShape] = []
    ) -> TokenResponse {
        let status = response.status
        switch status {
        case 200...299: return issued(response) ?? .unclear(status: status)
        case 300...399: return .failed(status: status)
        case 400...499: return clientError(response, refusals)
        // A gateway that got no answer from the provider behind it does not know what that did.
        case 500, 501, 503, 505...511: return .failed(status: status)
        default: return .unclear(status: status)
        }
    }

    private static func issued(_ response: OutboundResponse) -> TokenResponse? {
        guard response.hasJSONBody,
            let answer = try? JSONObject.parse(
                response.body, limits: JSONLimits(bytes: TokenRequest.bodyLimit))
        else { return nil }
        return TokenSet(answer).map(TokenResponse.tokens)
    }

    private static func clientError(
        _ response: OutboundResponse, _ refusals: [RefusalShape]
    ) -> TokenResponse {
        let status = response.status
        // A limit or time-out on the way says nothing about the token, whatever the body says.
        if [407, 408, 425, 429].contains(status) { return .failed(status: status) }
        let answer = try? JSONObject.parse(
            response.body, limits: JSONLimits(bytes: TokenRequest.bodyLimit))
        let error = answer?["error"]?.string
        for shape in refusals where shape.status == status {
            if let word = shape.error {
                if error == word { return .refused }
            } else if response.body.isEmpty {
                return .refused
            }
        }
        guard let error else { return .failed(status: status) }
        if error == "invalid_grant" && (status == 400 || status == 401) { return .refused }
        return .rejected(ErrorWord.isGood(error) ? error : "unreadable_error")
    }
}

/// An answer of the token endpoint that means "this refresh token is refused", beside the
/// `invalid_grant` of RFC 6749 §5.2: some providers send a bare status.
package struct RefusalShape: Hashable, Sendable {
    package var status: Int
    /// The body must be empty; else its `error` must be this.
    package var error: ByteString?

    package init(status: Int, error: ByteString?) {
        self.status = status
        self.error = error
    }
}
