import Encodings
import HTTPMessages

/// The URL of an endpoint with parameters added to its query.
enum EndpointURL {
    /// A query that the endpoint already has is kept, but for parameters that are set here: none
    /// may stand there twice.
    /// - Source: RFC 6749 §3.1, §4.1.1.
    static func adding(
        _ parameters: [(ByteString, ByteString)], to endpoint: ByteString
    ) -> ByteString {
        let (base, query) = endpoint.divided(at: 0x3F) ?? (endpoint, "")
        let names = Set(parameters.map(\.0))
        var output = base + "?"
        for part in query.words(separatedBy: 0x26) {
            let name = part.divided(at: 0x3D)?.0 ?? part
            guard !names.contains(FormEncoding.decode(name) ?? name) else { continue }
            output += part + "&"
        }
        return output + FormEncoding.encode(parameters)
    }
}
