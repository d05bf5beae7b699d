package import Configuration
import Encodings

/// Which targets the policies of a configuration answer themselves: asked for every request of a
/// host that guards only some of its paths.
package struct EndpointTable: Sendable {
    private let prefixes: [(prefix: ByteString, policies: [ByteString])]

    package init(_ configuration: Configuration) {
        let guarded = configuration.guarded.values.filter { $0.rules != nil }
        prefixes = Dictionary(grouping: guarded, by: \.prefix)
            .map { ($0.key, $0.value.map(\.policy.name)) }
    }

    /// True for the prefix itself and all paths below it.
    /// - Parameter target: path, or path and query, as received.
    package func answers(policy: Span<UInt8>, target: Span<UInt8>) -> Bool {
        // By prefix first: most requests end here, however many policies there are.
        for entry in prefixes {
            let end = entry.prefix.count
            guard target.count >= end, entry.prefix.isEqual(to: target.extracting(..<end)),
                target.count == end || target[end] == 0x2F || target[end] == 0x3F
            else { continue }
            for name in entry.policies where name.isEqual(to: policy) { return true }
        }
        return false
    }
}
