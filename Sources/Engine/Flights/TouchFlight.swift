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
