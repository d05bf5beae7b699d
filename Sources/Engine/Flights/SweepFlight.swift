import Sessions

/// Removes what is past its time from the store, for as long as the engine lives.
struct SweepFlight: Flight {
    /// Rows at a time: a long transaction would keep other workers from writing.
    private static let batch = 500
    /// Milliseconds until there may be something again, and until the next batch.
    private static let pause: Int64 = 60_000
    private static let pauseBetweenBatches: Int64 = 1_000

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .fired: scene.ask(.store(.sweep(now: scene.now.wall, limit: Self.batch)))
        case .reply(.swept(let count)) where count >= Self.batch:
            scene.ask(.timer(at: scene.now.monotonic + Self.pauseBetweenBatches))
        default:
            // Workers do not all sweep in the same second.
            let spread = Int64(scene.owner % 10_000)
            scene.ask(.timer(at: scene.now.monotonic + Self.pause + spread))
        }
        return nil
    }
}
