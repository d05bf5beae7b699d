import Encodings
import HTTPMessages

extension Conversion {
    static let plainHTTP: ByteString =
        "must be an https URL: plain http is only admitted on localhost with \"development on\""

    /// - Source: RFC 8414 §2 (MET-03).
    static func issuer(_ text: ByteString) throws(ConfigurationError) -> URLReference {
        let url = try address(text, of: "issuer")
        guard url.query == nil else {
            throw ConfigurationError("issuer", mustBe: "a URL without a query", not: text)
        }
        return url
    }

    static func keySetURL(_ text: ByteString) throws(ConfigurationError) -> URLReference {
        try address(text, of: "jwks_url")
    }

    static func proxy(_ text: ByteString) throws(ConfigurationError) -> ByteString {
        guard let url = URLReference(text), !url.isSecure, url.path.isEmpty || url.path == "/",
            url.query == nil
        else { throw ConfigurationError("proxy", mustBe: "http://host:port", not: text) }
        return url.origin + (url.port == 80 ? ":80" : "")
    }

    /// As browsers write it in `Origin`: without the scheme's own port, in lower case.
    static func origin(_ text: ByteString) throws(ConfigurationError) -> URLReference {
        let url = try address(text, of: "origin")
        guard url.path.isEmpty || url.path == "/", url.query == nil else {
            throw ConfigurationError(
                "origin", mustBe: "https://host[:port] without a path", not: text)
        }
        return url
    }

    private static func address(
        _ text: ByteString, of setting: ByteString
    ) throws(ConfigurationError) -> URLReference {
        guard let url = URLReference(text) else {
            throw ConfigurationError(setting, mustBe: "an absolute https URL", not: text)
        }
        guard url.isSecure || url.isLoopback else { throw ConfigurationError(setting, plainHTTP) }
        return url
    }

    static func prefix(_ text: ByteString) throws(ConfigurationError) -> ByteString {
        let segments = text.bytes.dropFirst()
            .split(separator: 0x2F, omittingEmptySubsequences: false)
        let isGood = text.hasPrefix("/") && text.count <= 128
            && segments.allSatisfy { segment in
                !segment.isEmpty && segment.contains { $0 != 0x2E }
                    && segment.allSatisfy(isUnreserved)
            }
        guard isGood else {
            throw ConfigurationError(
                "prefix",
                mustBe: "a path as /auth of letters, digits and - . _ ~, without a final slash",
                not: text)
        }
        return text
    }

    /// Becomes a `Location`: it must not lead to another origin (LOG-08) nor end the header.
    static func landing(_ text: ByteString) throws(ConfigurationError) -> ByteString {
        guard text.hasPrefix("/"), !text.hasPrefix("//"),
            text.bytes.allSatisfy({ ASCII.isVisible($0) && $0 != 0x5C && $0 != 0x23 })
        else {
            throw ConfigurationError(
                "landing", mustBe: "a local path that begins with one slash", not: text)
        }
        return text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == 0x2D || byte == 0x2E || byte == 0x5F || byte == 0x7E
    }
}
