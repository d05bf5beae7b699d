import Sessions

/// Tells the store that a session is in use.  Not worth a second try.
struct TouchFlight: Flight {
    private let key: RowKey
    private let idleExpiry: Int64

    init(_ key: RowKey, idleExpiry: Int64) {
        self.key = key
        self.idleExpiry = idleExpiry
    }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        guard case .begin = input else {
            if case .reply(.gone) = input { scene.tables.sessions[key] = nil }
            return .done
        }
        scene.ask(.store(.touch(key, idleExpiry: idleExpiry)))
        return nil
    }
}

/// Removes what is past its time from the store, for as long as the engine lives.
struct SweepFlight: Flight {
    private static let batch = 500
    private static let pause: Int64 = 60_000

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .fired: scene.ask(.store(.sweep(now: scene.now.wall, limit: Self.batch)))
        case .reply(.swept(let count)) where count >= Self.batch:
            scene.ask(.timer(at: scene.now.monotonic + 1_000))
        default:
            // Workers do not all sweep in the same second.
            let spread = Int64(scene.owner % 10_000)
            scene.ask(.timer(at: scene.now.monotonic + Self.pause + spread))
        }
        return nil
    }
}
