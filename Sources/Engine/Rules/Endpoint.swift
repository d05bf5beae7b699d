package import Configuration
package import Encodings

/// The paths that Cloakroom answers itself, below the prefix.
package enum Endpoint: Hashable, Sendable {
    case login, callback, logout, session
    /// Below the prefix, but none of ours.
    case unknown

    /// - Parameter target: path and query as received.
    package init?(target: ByteString, _ rules: Provider.SessionRules) {
        // Most requests end here.
        guard target.hasPrefix(rules.prefix) else { return nil }
        let path = target.divided(at: 0x3F)?.0 ?? target
        guard let rest = path.dropping(prefix: rules.prefix) else { return nil }
        switch rest {
        case "/login": self = .login
        case "/callback": self = .callback
        case "/logout": self = .logout
        case "/session": self = .session
        default:
            guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
            self = .unknown
        }
    }
}

extension Endpoint {
    /// Those that it has; any other is answered with 405.
    var methods: [ByteString] {
        switch self {
        case .login, .session: ["GET", "HEAD"]
        case .callback: ["GET"]
        case .logout: ["POST"]
        case .unknown: []
        }
    }
}

extension Provider.SessionRules {
    package var callbackURL: ByteString { origin + prefix + "/callback" }
    package var loginPath: ByteString { prefix + "/login" }
}
