import Configuration
package import Encodings
import OAuth
import Sessions

/// How a logout ended.
package enum LogoutResult: Sendable {
    /// The session is gone; where its ID token could be read it is the hint for the provider.
    case ended(idToken: Secret?)
    case unavailable
}

/// Ends a session here, first of all; then has its refresh token revoked.
/// - Source: OUT-01, REF-10, RFC 7009.
struct LogoutFlight: Flight {
    private let ticket: SessionTicket
    private let provider: ByteString

    private var key: RowKey { ticket.rowKey }

    init(_ ticket: SessionTicket, provider: ByteString) {
        self.ticket = ticket
        self.provider = provider
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .begin:
            scene.ask(.store(.end(key)))
            return nil
        case .reply(.ended(let row)):
            scene.tables.sessions[key] = nil
            guard let ring = scene.configuration.keyRing else {
                return .logout(.ended(idToken: nil))
            }
            scene.ask(.job(.openSession(row, ticket, ring)))
            return nil
        case .reply:
            scene.tables.sessions[key] = nil
            return .logout(.ended(idToken: nil))
        case .result(.session(let contents, _)):
            RevocationFlight.launch(
                contents?.refreshToken, contents?.provider ?? provider, &scene)
            return .logout(.ended(idToken: contents?.idToken))
        default: return .logout(.unavailable)
        }
    }
}
