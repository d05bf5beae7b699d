import Configuration
import Encodings
import Engine
import HTTPMessages
import Sessions

/// Finds the values that nobody could write down beforehand.
extension Names {
    mutating func bindValues(of decision: Decision, _ configuration: Configuration) {
        for field in decision.clientHeaders where field.name == "Set-Cookie" {
            for rules in configuration.providers.values.compactMap(\.sessions) {
                bindCookie(field.value, rules)
            }
        }
        guard let location = decision.clientHeaders.only("location"),
            let query = URLReference(location)?.query
        else { return }
        let parameters = Parameters(query)
        guard let challenge = parameters["code_challenge"] else { return }
        bind("challenge", challenge)
        for name in ["state", "nonce"] {
            if let value = parameters[ByteString(name)] { bind(name, value) }
        }
    }

    private mutating func bindCookie(_ text: ByteString, _ rules: Provider.SessionRules) {
        guard let pair = text.divided(at: 0x3B)?.0, let (name, value) = pair.divided(at: 0x3D)
        else { return }
        if name == rules.cookieName, let ticket = SessionTicket(cookieValue: value) {
            bind("session", value)
            bind("csrf", ticket.csrfValue)
        } else if !value.isEmpty, let hash = name.dropping(prefix: rules.cookieName + "-login-") {
            bind("attempt", hash, isSecret: false)
            bind("sealed attempt", value)
        }
    }

    /// Only a verifier that fits a challenge gets a name.
    mutating func bindVerifier(of request: OutboundRequest) {
        guard let verifier = Parameters(request.body)["code_verifier"] else { return }
        let challenge = LoginAttempt.challenge(of: verifier).string
        if hiding(in: challenge) != challenge { bind("verifier", verifier) }
    }
}
