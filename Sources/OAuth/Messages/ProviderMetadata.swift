package import Encodings
import HTTPMessages
package import JOSE

/// What a provider's discovery document says, as far as we use it.
/// - Source: OpenID Connect Discovery §3, §4; RFC 8414 §2, §3; RFC 9207 §3.
package struct ProviderMetadata: Hashable, Sendable {
    package var issuer: ByteString
    package var authorizationEndpoint: ByteString
    package var tokenEndpoint: ByteString
    package var keySetURL: ByteString
    package var endSessionEndpoint: ByteString?
    package var revocationEndpoint: ByteString?
    /// Every authorization response has `iss`; one without it is not this provider's.
    package var promisesIssuerParameter: Bool
    /// What it signs ID tokens with, as far as we know it; all we know where it does not say.
    package var idTokenAlgorithms: Set<SignatureAlgorithm>

    /// Of a discovery document.
    package static let bodyLimit = 256 << 10

    /// Where the document lies: below the issuer, after dropping a final slash (MET-02).
    package static func discoveryURL(_ issuer: ByteString) -> ByteString {
        let base = issuer.hasSuffix("/") ? ByteString(issuer.bytes.dropLast()) : issuer
        return base + "/.well-known/openid-configuration"
    }

    /// Reads a document.
    /// - Parameters:
    ///   - issuer: as configured; the document must say the same, byte for byte.
    ///   - allowsPlainHTTP: on loopback, in development.
    /// - Throws: where nothing of the document may be used.  Optional members of a wrong form, or
    ///   that lead to plain http, are left out instead.
    package static func parse(
        _ document: [UInt8], issuer: ByteString, allowsPlainHTTP: Bool
    ) throws(MetadataError) -> ProviderMetadata {
        let members: JSONObject
        do {
            members = try JSONObject.parse(document, limits: JSONLimits(bytes: bodyLimit))
        } catch {
            throw .malformed
        }
        // A document of someone else would send codes and secrets to their endpoints.
        guard let named = members["issuer"]?.string else { throw .missing("issuer") }
        guard named == issuer else { throw .issuerMismatch(named: named) }
        // LOG-02: never without PKCE, never with `plain`.
        if let methods = members["code_challenge_methods_supported"]?.strings {
            guard methods.contains("S256") else { throw .noPKCE }
        }
        func url(_ name: ByteString) -> ByteString? {
            guard let text = members[name]?.string, let url = URLReference(text),
                url.isSecure || allowsPlainHTTP && url.isLoopback
            else { return nil }
            return text
        }
        func required(_ name: ByteString) throws(MetadataError) -> ByteString {
            guard let member = members[name] else { throw .missing(name) }
            guard member.string != nil, let url = url(name) else { throw .badURL(name) }
            return url
        }
        return ProviderMetadata(
            issuer: issuer,
            authorizationEndpoint: try required("authorization_endpoint"),
            tokenEndpoint: try required("token_endpoint"),
            keySetURL: try required("jwks_uri"),
            endSessionEndpoint: url("end_session_endpoint"),
            revocationEndpoint: url("revocation_endpoint"),
            promisesIssuerParameter:
                members["authorization_response_iss_parameter_supported"]?.bool ?? false,
            idTokenAlgorithms: try algorithms(members["id_token_signing_alg_values_supported"]))
    }

    private static func algorithms(
        _ value: JSONValue?
    ) throws(MetadataError) -> Set<SignatureAlgorithm> {
        guard let names = value?.strings else { return SignatureAlgorithm.supported }
        let known = Set(names.compactMap(SignatureAlgorithm.init(name:)).flatMap(\.admitted))
        guard !known.isEmpty else { throw .noCommonAlgorithm }
        return known
    }
}

/// Why a discovery document cannot be used.
package enum MetadataError: Error, Hashable, Sendable {
    /// No JSON object, or beyond the limits.
    case malformed
    /// With what the document says, which is not to be trusted.
    case issuerMismatch(named: ByteString)
    case missing(ByteString)
    /// A member that is no https URL.
    case badURL(ByteString)
    case noPKCE
    case noCommonAlgorithm

    /// For the log: what is wrong and what to look at.
    package var sentence: ByteString {
        switch self {
        case .malformed: "the discovery document is no JSON object within the limits"
        case .issuerMismatch(let named):
            "the discovery document names the issuer \"" + Self.printable(named)
                + "\", and \"issuer\" must be written exactly so"
        case .missing(let name): "the discovery document lacks " + name
        case .badURL(let name): name + " in the discovery document is no https URL"
        case .noPKCE: "the provider's code_challenge_methods_supported lacks S256"
        case .noCommonAlgorithm:
            "the provider's id_token_signing_alg_values_supported names no algorithm that is "
                + "admitted here"
        }
    }

    /// At most 100 bytes of visible ASCII, whatever a document says.
    private static func printable(_ text: ByteString) -> ByteString {
        ByteString(text.bytes.prefix(100).map { ASCII.isVisible($0) ? $0 : 0x3F })
    }
}
