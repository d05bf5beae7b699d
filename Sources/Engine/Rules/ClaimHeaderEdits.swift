import Configuration
import Encodings
import HTTPMessages
import JOSE

/// Claims told to the upstream in header fields.
enum ClaimHeaderEdits {
    /// Of a field's value, in bytes.
    private static let limit = 4_096

    /// - Returns: nil where a claim is too long: the request is refused rather than sent on with
    ///   a header that says something else (UPS-04).
    static func make(_ policy: Policy, _ claims: ClaimsSet) -> [HeaderEdit]? {
        var edits: [HeaderEdit] = []
        for header in policy.claimHeaders {
            guard let value = claims[header.claim] else {
                edits.append(HeaderEdit(header.name, nil))
                continue
            }
            let text = fieldValue(value)
            guard text.count <= limit else { return nil }
            edits.append(HeaderEdit(header.name, text))
        }
        return edits
    }

    /// A string as it is, anything else as JSON; what could be mistaken for another form, or is
    /// not printable ASCII, in the form of RFC 8187: `UTF-8''` and percent-encoding (UPS-05).
    private static func fieldValue(_ value: JSONValue) -> ByteString {
        if case .string(let text) = value {
            return isPlain(text) ? text : "UTF-8''" + FormEncoding.percentEncode(text)
        }
        let text = value.serialized
        return isPrintable(text) ? text : "UTF-8''" + FormEncoding.percentEncode(text)
    }

    private static func isPlain(_ text: ByteString) -> Bool {
        guard let first = text.bytes.first, let last = text.bytes.last else { return true }
        return isPrintable(text) && first != 0x20 && last != 0x20
            && first != 0x22 && first != 0x5B && first != 0x7B && !text.hasPrefix("UTF-8''")
    }
    private static func isPrintable(_ text: ByteString) -> Bool {
        text.bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
    }
}
