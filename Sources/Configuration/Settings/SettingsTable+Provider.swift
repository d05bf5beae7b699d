import Encodings
import JOSE

extension SettingsTable {
    static let network: [Setting] = [
        Setting(
            "issuer", .provider, .url, check: Checks.issuer,
            """
            What the provider calls itself, byte for byte as in its discovery document; an https \
            URL. Required.
            """),
        Setting(
            "jwks_url", .provider, .url, check: Checks.keySetURL,
            """
            Where the provider's keys are, in place of what its discovery document says: that is \
            then not asked for. For bearer policies only.
            """),
        Setting(
            "jwks_file", .provider, .file, check: Checks.keySetFile,
            """
            A JWK set or public keys in PEM, in place of fetching them. A changed file counts \
            within seconds, a bad one leaves the keys as they were. The user of the worker \
            processes must be able to read it. For bearer policies only.
            """),
        Setting(
            "ca_file", .provider, .file,
            """
            PEM file of the certificates that are trusted for this provider in place of the \
            system's. The user of the worker processes must be able to read it.
            """),
        Setting(
            "proxy", .provider, .url, check: Checks.proxy,
            """
            Egress proxy for all requests to the provider, `http://host:port`. Proxy variables of \
            the environment are never used.
            """),
        Setting(
            "allow_private_addresses", .provider, .flag, standard: "off",
            """
            `on` lets the provider's documents name endpoints on loopback, private and link-local \
            addresses of other hosts than its own. It opens internal services to requests that a \
            hostile provider forges.
            """),
        Setting(
            "connect_timeout", .provider, .milliseconds(100...60_000), standard: "2s",
            "How long a connection to the provider may take to stand, TLS included."),
        Setting(
            "request_timeout", .provider, .milliseconds(100...60_000), standard: "5s",
            "How long fetching metadata or keys and revoking a token may take."),
        Setting(
            "exchange_timeout", .provider, .milliseconds(1_000...300_000), standard: "60s",
            """
            How long the token endpoint may take. No browser waits that long (see \
            `request_patience`), but a late answer is still kept.
            """),
    ]

    static let tokens: [Setting] = [
        Setting(
            "access_token_algorithms", .provider, .words, standard: allAlgorithms,
            check: Checks.algorithms("access_token_algorithms"),
            """
            Signature algorithms that access tokens may have. Symmetric ones do not exist here. \
            `EdDSA` is the older name of both `Ed25519` and `Ed448`, and admits them too.
            """),
        Setting(
            "audience", .provider, .words,
            """
            One of these must stand in the `aud` of this provider's access tokens, whatever the \
            policy: for one that has its own names for your APIs.
            """),
        Setting(
            "id_token_algorithms", .provider, .words, standard: allAlgorithms,
            check: Checks.algorithms("id_token_algorithms"),
            "Signature algorithms that ID tokens may have. Symmetric ones do not exist here."),
        Setting(
            "leeway", .provider, .seconds(0...300), standard: "60s",
            """
            How far the provider's clock may be off when times in tokens are checked. An expired \
            token is admitted for that much longer.
            """),
        Setting(
            "decryption_key_files", .provider, .secretFiles, check: Checks.decryptionKeys,
            """
            Files of private keys, PEM or JWK, to which the provider encrypts access tokens; \
            several while one takes the place of another. A key without `kid` goes by its file's \
            name without the ending. Read once, with the configuration. Only bearer policies open \
            tokens.
            """),
        Setting(
            "require_encryption", .provider, .flag, standard: "on",
            """
            Where `decryption_key_files` is given: `off` also admits access tokens that are signed \
            and not encrypted, whose claims everybody on their way can read.
            """),
        Setting(
            "keys_min_age", .provider, .seconds(1...86_400), standard: "60s",
            "How long fetched keys are used at least, whatever the provider's cache header says."),
        Setting(
            "keys_max_age", .provider, .seconds(1...604_800), standard: "1h",
            """
            How long fetched keys are used at most before they are fetched anew. A key that the \
            provider has withdrawn is trusted up to that long.
            """),
        Setting(
            "keys_hard_limit", .provider, .seconds(1...2_592_000), standard: "1d",
            """
            How long the last good keys serve while the provider cannot be reached; after that, \
            requests get 503. With a `store` that holds across restarts.
            """),
        Setting(
            "unknown_key_pause", .provider, .seconds(1...3_600), standard: "60s",
            "The pause between fetches that tokens with unknown key ids may cause."),
    ]

    private static let allAlgorithms: ByteString = {
        let names = SignatureAlgorithm.allCases.map(\.name)
        return names.dropFirst().reduce(names.first ?? "") { $0 + " " + $1 }
    }()
}
