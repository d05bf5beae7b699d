import Configuration
import Encodings
import HTTPMessages
import OAuth
import Observability

/// Tells the provider that a refresh token is no longer used; tried three times, then left.
/// - Source: RFC 7009 §2; REV-01, REV-02.
struct RevocationFlight: Flight {
    private let token: Secret
    private let provider: ByteString
    private var tries = 0
    /// For the provider's metadata: a logout may come while they cannot be fetched.
    private var waits: Int64 = 0

    private init(_ token: Secret, _ provider: ByteString) {
        self.token = token
        self.provider = provider
    }

    /// - Parameter token: where there is none, nothing happens.
    static func launch(_ token: Secret?, _ provider: ByteString, _ scene: inout Scene) {
        guard let token else { return }
        scene.tables.revocations &+= 1
        scene.launch(.revocation(scene.tables.revocations), RevocationFlight(token, provider))
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .begin, .landed, .fired: return ask(&scene)
        case .response(let response) where response.status < 500: return .done
        default:
            guard tries < 3 else { return giveUp(&scene) }
            scene.ask(.timer(at: scene.now.monotonic + 1_000 * Int64(tries)))
            return nil
        }
    }

    private mutating func ask(_ scene: inout Scene) -> Landing? {
        guard let settings = scene.configuration.providers[provider] else { return .done }
        guard let metadata = scene.tables.providers[provider]?.metadata else {
            return awaitMetadata(&scene)
        }
        guard let request = settings.revocationRequest(token, metadata) else { return .done }
        tries += 1
        scene.ask(.exchange(request))
        return nil
    }

    private mutating func awaitMetadata(_ scene: inout Scene) -> Landing? {
        waits += 1
        guard waits <= 12 else { return giveUp(&scene) }
        if !ProviderFlight.joinMissing(provider, &scene) {
            scene.ask(.timer(at: scene.now.monotonic + 1_000 * waits))
        }
        return nil
    }

    private func giveUp(_ scene: inout Scene) -> Landing {
        scene.log(.warning, "a refresh token could not be revoked at \(provider)")
        return .done
    }
}
