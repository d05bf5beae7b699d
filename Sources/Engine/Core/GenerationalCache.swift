/// A bounded dictionary that forgets what has not been used for long.
///
/// Two halves: what is used moves to the young one; when that is full it becomes the old one, and
/// what was old is gone.  Every operation is one or two look-ups; nothing is ever scanned.
package struct GenerationalCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let halfCapacity: Int

    /// - Parameter capacity: the most values that are kept; at least 2.
    package init(capacity: Int) { halfCapacity = max(1, capacity / 2) }

    package var count: Int { young.count + old.count }

    package subscript(_ key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, for: key)
            return value
        }
        set {
            old[key] = nil
            if let newValue { insert(newValue, for: key) } else { young[key] = nil }
        }
    }

    private mutating func insert(_ value: Value, for key: Key) {
        if young.count >= halfCapacity, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
