import Configuration
import Encodings
import OAuth
import Sessions

/// The configuration of every engine in a world.
enum Settings {
    static let issuer: ByteString = "https://id.example"
    static let clientID: ByteString = "app"
    static let origin: ByteString = "https://app.example"
    static let cookieName: ByteString = "__Host-cloakroom"
    static let ring = KeyRing(
        current: KeyRing.Key(id: "k1", secret: Secret([UInt8](0..<32))))

    /// The lease that an engine takes, in milliseconds: its exchange's time and a reserve.
    static func lease(_ scenario: Scenario) -> Int64 { scenario.exchangeTimeout + 15_000 }
    static let requestTimeout: Int64 = 4_000

    static func configuration(_ scenario: Scenario) -> Configuration {
        Configuration(
            store: .memory, keyRing: ring, isDevelopment: false, shutdownTimeout: 15_000,
            providers: ["idp": provider(scenario)],
            policies: [
                "web": Policy(name: "web", mode: .session, providers: ["idp"]),
                "api": Policy(name: "api", mode: .bearer, providers: ["idp"], audiences: ["api"]),
            ])
    }

    private static func provider(_ scenario: Scenario) -> Provider {
        Provider(
            name: "idp", issuer: issuer,
            network: .init(
                requestTimeout: requestTimeout, exchangeTimeout: scenario.exchangeTimeout),
            tokens: .init(keysMinimumAge: 5, keysMaximumAge: 60, unknownKeyPause: 5),
            client: .init(
                credentials: ClientCredentials(
                    clientID: clientID, secret: Secret("s3cret" as ByteString)),
                scopes: ["openid"], presentsUnknownOutcomeAgain: scenario.presentsAgain),
            sessions: .init(
                origin: origin, cookieName: cookieName, idleTimeout: scenario.idleTimeout,
                absoluteTimeout: scenario.absoluteTimeout, refreshWindow: scenario.refreshWindow,
                requestPatience: scenario.patience, memoryAge: scenario.memoryAge))
    }
}
