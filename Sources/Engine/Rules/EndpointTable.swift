package import Configuration
import Encodings

/// Which targets the policies of a configuration answer themselves: asked for every request of a
/// host that guards only some of its paths.
package struct EndpointTable: Sendable {
    private let prefixes: [(policy: ByteString, prefix: ByteString)]

    package init(_ configuration: Configuration) {
        prefixes = configuration.guarded.values.compactMap { guarded in
            guarded.rules.map { (guarded.policy.name, $0.prefix) }
        }
    }

    /// True for the prefix itself and all paths below it.
    /// - Parameter target: path, or path and query, as received.
    package func answers(policy: Span<UInt8>, target: Span<UInt8>) -> Bool {
        for entry in prefixes where entry.policy.isEqual(to: policy) {
            let end = entry.prefix.count
            guard target.count >= end, entry.prefix.isEqual(to: target.extracting(..<end)) else {
                return false
            }
            return target.count == end || target[end] == 0x2F || target[end] == 0x3F
        }
        return false
    }
}
