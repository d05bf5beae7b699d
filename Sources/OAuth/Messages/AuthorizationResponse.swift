package import Encodings
package import HTTPMessages

/// What the browser brings back from the provider.
///
/// Whoever calls has matched `state` with an attempt of this browser before; without that, nothing
/// here may be believed, not even an error.
/// - Source: RFC 6749 §4.1.2; RFC 9207 §2.4.
package enum AuthorizationResponse: Hashable, Sendable {
    case code(Secret)
    /// The provider's error word, as `access_denied`; safe to log.
    case error(ByteString)
    /// The code, if there is one, must not be sent anywhere.
    case refused(Refusal)

    /// Why an answer is not used.
    package enum Refusal: Hashable, Sendable, CaseIterable {
        case malformed, repeatedParameter, issuerMismatch, issuerMissing, noCode

        /// For the log.
        package var sentence: ByteString {
            switch self {
            case .malformed: "it is malformed"
            case .repeatedParameter: "a parameter is repeated"
            case .issuerMismatch: "its iss is another issuer's"
            case .issuerMissing: "it lacks the iss that the provider promises"
            case .noCode: "it has no code"
            }
        }
    }

    /// In bytes.
    private static let longestCode = 4_096

    /// - Parameters:
    ///   - issuer: of the attempt.
    ///   - promisesIssuerParameter: as in ``ProviderMetadata``.
    package static func parse(
        _ parameters: Parameters, issuer: ByteString, promisesIssuerParameter: Bool
    ) -> AuthorizationResponse {
        guard !parameters.isMalformed else { return .refused(.malformed) }
        // Two readers of one answer must not see two codes or two issuers.
        guard Set(parameters.pairs.map(\.name)).count == parameters.pairs.count else {
            return .refused(.repeatedParameter)
        }
        // Mix-up: an answer of another provider, whose code would be sent to this one.
        if let claimed = parameters["iss"] {
            guard claimed == issuer else { return .refused(.issuerMismatch) }
        } else if promisesIssuerParameter {
            return .refused(.issuerMissing)
        }
        switch (parameters["code"], parameters["error"]) {
        case (nil, let error?):
            return ErrorWord.isGood(error) ? .error(error) : .refused(.malformed)
        case (let code?, nil):
            guard (1...longestCode).contains(code.count),
                code.bytes.allSatisfy({ (0x20...0x7E).contains($0) })
            else { return .refused(.malformed) }
            return .code(Secret(code))
        case (_?, _?): return .refused(.malformed)
        case (nil, nil): return .refused(.noCode)
        }
    }
}
