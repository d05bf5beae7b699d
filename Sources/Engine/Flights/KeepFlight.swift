import Configuration
import Encodings
import Sessions

/// Puts a provider's documents into the store, for a restart during its outage and for the other
/// workers.  Not worth a second try: the next fetch makes another.
struct KeepFlight: Flight {
    private let record: ProviderRecord
    private let ring: KeyRing
    private let key: RowKey
    private let expiry: Int64

    /// Launches one where there is a store and something to seal with.
    static func launch(_ record: ProviderRecord, _ settings: Provider, _ scene: inout Scene) {
        guard scene.configuration.store != nil, let ring = scene.configuration.keyRing,
            let key = record.purpose.key
        else { return }
        let expiry = record.fetchedAt &+ settings.tokens.keysHardLimit
        scene.launch(
            .keeping(settings.name),
            KeepFlight(record: record, ring: ring, key: key, expiry: expiry))
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .begin: scene.ask(.job(.sealRecord(record, ring)))
        case .result(.sealed(let sealed?)):
            scene.ask(.store(.keep(key, sealed: sealed, expiry: expiry)))
        default: return .done
        }
        return nil
    }
}
