import Encodings
import HTTPMessages
import OAuth

extension Conversion {
    /// `idp partner` or `idp,partner`: nginx takes the second without quotes.
    static func providerNames(_ words: [ByteString]) throws(ConfigurationError) -> [ByteString] {
        let names = words.flatMap { $0.words(separatedBy: 0x2C) }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw ConfigurationError("provider", "names \(ConfigurationError.quoted(name)) twice")
        }
        guard !names.isEmpty else { throw ConfigurationError("provider", "has no value") }
        return names
    }

    /// - Source: RFC 6749 §3.3.
    static func scope(_ words: [ByteString]) throws(ConfigurationError) -> [ByteString] {
        for word in words {
            guard word.bytes.allSatisfy({ ASCII.isVisible($0) && $0 != 0x22 && $0 != 0x5C }) else {
                throw ConfigurationError(
                    "scope", mustBe: "ASCII words without quotes and backslashes", not: word)
            }
        }
        return words
    }

    /// Without `openid` there is no ID token, and nothing says who has signed in.
    static func clientScope(_ words: [ByteString]) throws(ConfigurationError) -> [ByteString] {
        guard words.contains("openid") else {
            throw ConfigurationError(
                "scope", "must contain openid: without it no ID token says who has signed in")
        }
        return try scope(words)
    }

    /// `name=value`, decoded as in a query string.
    static func authorizationParameters(
        _ words: [ByteString]
    ) throws(ConfigurationError) -> [HeaderField] {
        var output: [HeaderField] = []
        for word in words {
            guard let (left, right) = word.divided(at: 0x3D), !left.isEmpty,
                let name = FormEncoding.decode(left), let value = FormEncoding.decode(right)
            else {
                throw ConfigurationError(
                    "authorization_parameters", mustBe: "words as prompt=consent", not: word)
            }
            guard !AuthorizationRequest.ownParameters.contains(name) else {
                throw ConfigurationError(
                    "authorization_parameters",
                    "must not set \(ConfigurationError.quoted(name)), which Cloakroom sets or "
                        + "leaves out by itself")
            }
            guard !output.contains(where: { $0.name == name }) else {
                throw ConfigurationError(
                    "authorization_parameters", "sets \(ConfigurationError.quoted(name)) twice")
            }
            // It will be checked, so it must be understood (IDT-10).
            if name == "max_age" {
                guard (1...9).contains(value.count), value.bytes.allSatisfy(ASCII.isDigit) else {
                    throw ConfigurationError(
                        "authorization_parameters", mustBe: "max_age=SECONDS", not: word)
                }
            }
            output.append(HeaderField(name, value))
        }
        return output
    }

    /// `400-empty`, `400-invalid_token`.  Only statuses that can mean a refusal: an overloaded or
    /// broken provider must never log anyone out.
    static func refreshRefusals(
        _ words: [ByteString]
    ) throws(ConfigurationError) -> [RefusalShape] {
        var output: [RefusalShape] = []
        for word in words {
            guard let (digits, error) = word.divided(at: 0x2D), digits.count == 3,
                let status = Int(digits.string), (400...499).contains(status),
                ![407, 408, 425, 429].contains(status), !error.isEmpty,
                error.bytes.allSatisfy({ ASCII.isVisible($0) && $0 != 0x22 && $0 != 0x5C })
            else {
                throw ConfigurationError(
                    "refresh_refusals",
                    mustBe: "words as 400-empty or 400-invalid_token, with a status of 400 to 499 "
                        + "that is no time-out or limit",
                    not: word)
            }
            output.append(RefusalShape(status: status, error: error == "empty" ? nil : error))
        }
        return output
    }

    /// `X-User=sub`.
    static func claimHeaders(_ words: [ByteString]) throws(ConfigurationError) -> [ClaimHeader] {
        var output: [ClaimHeader] = []
        var seen: Set<ByteString> = []
        for word in words {
            guard let (name, claim) = word.divided(at: 0x3D), !name.isEmpty, !claim.isEmpty,
                name.count <= 64, name.bytes.allSatisfy(ASCII.isToken)
            else {
                throw ConfigurationError("claim_headers", mustBe: "words as X-User=sub", not: word)
            }
            // Upstreams that speak CGI take `_` and `-` for one: so do we (UPS-02).
            let plain = ByteString(name.lowercased.bytes.map { $0 == 0x5F ? 0x2D : $0 })
            guard !reservedHeaders.contains(plain) else {
                throw ConfigurationError(
                    "claim_headers",
                    "must not set \(ConfigurationError.quoted(name)): it has another meaning in "
                        + "HTTP")
            }
            guard seen.insert(plain).inserted else {
                throw ConfigurationError(
                    "claim_headers", "sets \(ConfigurationError.quoted(name)) twice")
            }
            output.append(ClaimHeader(name: name, claim: claim))
        }
        return output
    }

    /// Credentials, routing, framing, and what is taken off at the next hop (RFC 9110 §7.6.1).
    private static let reservedHeaders: Set<ByteString> = [
        "authorization", "cookie", "set-cookie", "host", "connection", "keep-alive",
        "proxy-connection", "proxy-authorization", "proxy-authenticate", "te", "trailer",
        "transfer-encoding", "upgrade", "content-length", "content-type", "content-encoding",
        "expect", "origin", "forwarded", "x-forwarded-for", "x-forwarded-host",
        "x-forwarded-proto", "x-real-ip", "www-authenticate",
    ]
}
