import Encodings

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
            realm: try values.optionalText("realm") ?? "",
            allowsCrossSiteReads: try values.flag("cross_site_reads"),
            forwardsToken: try values.flag("forward_token"))
    }

    private func settingsWithoutEffect(_ mode: Policy.Mode) -> [ByteString] {
        switch mode {
        case .bearer: ["cross_site_reads", "forward_token"]
        case .session: ["audience", "scope", "realm"]
        case .endpoints:
            ["audience", "scope", "claim_headers", "realm", "cross_site_reads", "forward_token"]
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
}
