import Encodings
import Sessions

/// Values that nobody could write down beforehand, under names that anybody can read: `{state}`,
/// and `{state 2}` for the second of its kind.
struct Names {
    private struct Entry {
        var kind: String
        var name: String
        var value: String
        var isSecret: Bool
    }
    private var entries: [Entry] = []
    private var rows: [RowKey] = []

    mutating func bind(_ kind: String, _ value: ByteString, isSecret: Bool = true) {
        guard !value.isEmpty, !entries.contains(where: { $0.value == value.string }) else { return }
        let count = entries.filter { $0.kind == kind }.count
        entries.append(
            Entry(
                kind: kind, name: count == 0 ? kind : "\(kind) \(count + 1)", value: value.string,
                isSecret: isSecret))
    }

    func value(of name: String) -> String? { entries.first { $0.name == name }?.value }
    func latest(_ kind: String) -> String? { entries.last { $0.kind == kind }?.value }

    /// The text with names in place of values.
    func hiding(in text: String) -> String {
        entries.sorted { $0.value.count > $1.value.count }.reduce(text) {
            $0.replacing($1.value, with: "{\($1.name)}")
        }
    }

    /// The name of a secret that stands in the text.
    func secret(in text: String) -> String? {
        entries.first { $0.isSecret && text.contains($0.value) }?.name
    }

    // MARK: Rows

    mutating func bind(_ key: RowKey) { if !rows.contains(key) { rows.append(key) } }

    func text(_ key: RowKey) -> String {
        rows.firstIndex(of: key).map { "row \($0 + 1)" } ?? "unknown row"
    }
}
