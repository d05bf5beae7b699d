import Encodings
package import HTTPMessages

extension OutboundResponse {
    /// The media type is `application/json` or ends in `+json`; parameters do not count.
    /// - Source: RFC 9110 §8.3.1; RFC 6839 §3.1.
    package var hasJSONBody: Bool {
        guard let value = headers.only("content-type") else { return false }
        let bytes = (value.divided(at: 0x3B)?.0 ?? value).lowercased.bytes
        let type = ByteString(bytes.filter { $0 != 0x20 && $0 != 0x09 })
        return type == "application/json"
            || type.hasPrefix("application/") && type.hasSuffix("+json")
    }
}
