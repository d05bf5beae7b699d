import Configuration
import Encodings
import OAuth
import Sessions

extension Configuration {
    /// One provider; `web` guards pages with a session, `api` wants a bearer token, `open` has the
    /// endpoints only.
    static var forTests: Configuration {
        let provider = Provider(
            name: "idp", issuer: FakeProvider.issuer, network: Provider.Network(),
            tokens: Provider.Tokens(),
            client: Provider.Client(
                credentials: ClientCredentials(
                    clientID: "app", secret: Secret("client-secret" as ByteString)),
                scopes: ["openid", "profile"]),
            sessions: Provider.SessionRules(origin: "https://app.example"))
        let claimHeaders = [
            ClaimHeader(name: "X-User", claim: "sub"), ClaimHeader(name: "X-Name", claim: "name"),
        ]
        let policies = [
            Policy(name: "web", mode: .session, providers: ["idp"], claimHeaders: claimHeaders),
            Policy(
                name: "api", mode: .bearer, providers: ["idp"], audiences: ["api"],
                claimHeaders: claimHeaders, realm: "example"),
            Policy(name: "open", mode: .endpoints, providers: ["idp"]),
        ]
        return Configuration(
            store: .memory,
            keyRing: KeyRing(
                current: KeyRing.Key(id: "k1", secret: Secret([UInt8](0..<32)))),
            isDevelopment: false, shutdownTimeout: 15_000, providers: ["idp": provider],
            policies: Dictionary(uniqueKeysWithValues: policies.map { ($0.name, $0) }))
    }

    /// - Parameter change: of the rules for sessions.
    mutating func sessions(_ change: (inout Provider.SessionRules) -> Void) {
        guard var rules = providers["idp"]?.sessions else { return }
        change(&rules)
        providers["idp"]?.sessions = rules
    }
}
