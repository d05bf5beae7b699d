import Encodings
import HTTPMessages

/// Makes a policy of its section's settings, and checks them against each other.
struct PolicyAssembly {
    let values: SectionValues

    func policy() throws(ConfigurationError) -> Policy {
        let word = try values.text("mode")
        let mode: Policy.Mode =
            switch word {
            case "bearer": .bearer
            case "session": .session
            default: .endpoints
            }
        try refuse(settingsWithoutEffect(mode), in: word)
        if mode == .bearer && !values.isGiven("token_cookie") {
            try refuseCookieSettings()
        }
        let providers = try Conversion.providerNames(try values.words("provider"))
        guard mode == .bearer || providers.count == 1 else {
            throw ConfigurationError(
                "provider", "must name one provider: only bearer policies take tokens of several")
        }
        return Policy(
            name: values.section.name, mode: mode, providers: providers,
            audiences: try values.optionalWords("audience"),
            requiredScopes: try Conversion.scope(try values.optionalWords("scope")),
            claimHeaders: try Conversion.claimHeaders(try values.optionalWords("claim_headers")),
            realm: try values.text("realm"),
            allowsCrossSiteReads: try values.flag("cross_site_reads"),
            forwardsToken: try values.flag("forward_token"),
            tokenCookie: try values.optionalText("token_cookie"),
            origin: try values.optionalText("origin").map(Conversion.origin)?.origin)
    }

    private func settingsWithoutEffect(_ mode: Policy.Mode) -> [ByteString] {
        switch mode {
        case .bearer: []
        case .session: ["audience", "scope", "realm", "token_cookie", "origin"]
        case .endpoints:
            [
                "audience", "scope", "claim_headers", "realm", "token_cookie", "origin",
                "cross_site_reads", "forward_token",
            ]
        }
    }

    /// A check that one believes to have configured and that is never made is worse than an error.
    private func refuse(
        _ names: [ByteString], in mode: ByteString
    ) throws(ConfigurationError) {
        for name in names where values.isGiven(name) {
            throw ConfigurationError(name, "has no effect with \"mode \(mode)\": take it out")
        }
    }

    /// They are about requests that a browser adds a cookie to.
    private func refuseCookieSettings() throws(ConfigurationError) {
        for name: ByteString in ["origin", "cross_site_reads"] where values.isGiven(name) {
            throw ConfigurationError(
                name, "has no effect without \"token_cookie\": no cookie lets anyone in here")
        }
    }
}
