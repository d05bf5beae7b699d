import Encodings

/// Has a provider's keys fetched ahead and again before they grow old, for as long as the engine
/// lives: no request waits for keys that were there before.
struct KeyWatchFlight: Flight {
    private let name: ByteString

    init(_ name: ByteString) { self.name = name }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .begin, .fired: ProviderFlight.joinRenewal(name, &scene)
        default:
            let memory = scene.tables.providers[name] ?? ProviderMemory()
            let next =
                memory.trouble.failures > 0 ? memory.trouble.notBefore : memory.keysStale
            scene.ask(.timer(at: max(next, scene.now.monotonic + 100)))
        }
        return nil
    }
}
