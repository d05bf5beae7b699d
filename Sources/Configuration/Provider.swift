package import Encodings
package import HTTPMessages
package import JOSE
package import OAuth

/// An identity provider, what we are to it, and the sessions that it begins.
package struct Provider: Hashable, Sendable {
    package var name: ByteString
    /// Byte for byte what the provider calls itself.
    package var issuer: ByteString
    package var keySource: KeySource
    /// Where its documents and endpoints are reached.
    package var network: Network
    package var tokens: Tokens
    /// Nil where the provider serves bearer policies only.
    package var client: Client?
    package var sessions: SessionRules?

    package init(
        name: ByteString, issuer: ByteString, keySource: KeySource = .discovery, network: Network,
        tokens: Tokens, client: Client?, sessions: SessionRules?
    ) {
        self.name = name
        self.issuer = issuer
        self.keySource = keySource
        self.network = network
        self.tokens = tokens
        self.client = client
        self.sessions = sessions
    }

    /// Where its keys are had.
    package enum KeySource: Hashable, Sendable {
        /// From where its discovery document says.
        case discovery
        /// From here; nothing else of the provider is asked.
        case url(ByteString)
        /// From a file of this machine, which is read again whenever it changes.
        case file(ByteString)
    }

    /// How the provider is reached.  Milliseconds throughout.
    package struct Network: Hashable, Sendable {
        package var caFile: ByteString?
        package var proxy: ByteString?
        package var allowsPrivateAddresses: Bool
        package var allowsPlainHTTP: Bool
        package var connectTimeout: Int64
        /// Metadata, keys, revocation.
        package var requestTimeout: Int64
        /// Token endpoint: no request waits that long, the exchange itself does.
        package var exchangeTimeout: Int64

        package init(
            caFile: ByteString? = nil, proxy: ByteString? = nil,
            allowsPrivateAddresses: Bool = false, allowsPlainHTTP: Bool = false,
            connectTimeout: Int64 = 2_000, requestTimeout: Int64 = 5_000,
            exchangeTimeout: Int64 = 60_000
        ) {
            self.caFile = caFile
            self.proxy = proxy
            self.allowsPrivateAddresses = allowsPrivateAddresses
            self.allowsPlainHTTP = allowsPlainHTTP
            self.connectTimeout = connectTimeout
            self.requestTimeout = requestTimeout
            self.exchangeTimeout = exchangeTimeout
        }
    }

    /// Rules for its tokens and keys.  Seconds throughout.
    package struct Tokens: Hashable, Sendable {
        package var accessAlgorithms: Set<SignatureAlgorithm>
        package var idAlgorithms: Set<SignatureAlgorithm>
        package var leeway: Int64
        /// How it writes its access tokens.
        package var profile: AccessTokenProfile
        /// Ours, to which its access tokens are encrypted; none: they are not.
        package var decryptionKeys: DecryptionKeys
        /// Where there are such keys: access tokens that are signed only are refused.
        package var requiresEncryption: Bool
        /// One of these must stand in the `aud` of its access tokens; empty: what the policy names.
        package var audiences: [ByteString]
        package var keysMinimumAge: Int64
        package var keysMaximumAge: Int64
        /// How long keys serve when they can not be fetched anew.
        package var keysHardLimit: Int64
        /// The pause between fetches for unknown key ids.
        package var unknownKeyPause: Int64

        package init(
            accessAlgorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported,
            idAlgorithms: Set<SignatureAlgorithm> = SignatureAlgorithm.supported,
            leeway: Int64 = 60, profile: AccessTokenProfile = .rfc9068,
            decryptionKeys: DecryptionKeys = DecryptionKeys(), requiresEncryption: Bool = true,
            audiences: [ByteString] = [],
            keysMinimumAge: Int64 = 60, keysMaximumAge: Int64 = 3_600,
            keysHardLimit: Int64 = 86_400, unknownKeyPause: Int64 = 60
        ) {
            self.accessAlgorithms = accessAlgorithms
            self.idAlgorithms = idAlgorithms
            self.leeway = leeway
            self.profile = profile
            self.decryptionKeys = decryptionKeys
            self.requiresEncryption = requiresEncryption
            self.audiences = audiences
            self.keysMinimumAge = keysMinimumAge
            self.keysMaximumAge = keysMaximumAge
            self.keysHardLimit = keysHardLimit
            self.unknownKeyPause = unknownKeyPause
        }
    }

    /// What we are to the provider.
    package struct Client: Hashable, Sendable {
        package var credentials: ClientCredentials
        package var scopes: [ByteString]
        /// Sent with the authorization request as they are, e.g. `prompt=consent`.
        package var authorizationParameters: [HeaderField]
        /// `max_age` among them: how long before a login, in seconds, its user may last have been
        /// asked to prove who they are.
        package var maximumAuthenticationAge: Int64? {
            authorizationParameters.first { $0.name == "max_age" }
                .flatMap { Int64($0.value.string) }
        }
        /// Answers to a refresh that count as a refusal beside `invalid_grant`.
        package var refusals: [RefusalShape]
        /// What an expired unknown outcome does: once more (default), or the end of the session.
        package var presentsUnknownOutcomeAgain: Bool

        package init(
            credentials: ClientCredentials, scopes: [ByteString],
            authorizationParameters: [HeaderField] = [], refusals: [RefusalShape] = [],
            presentsUnknownOutcomeAgain: Bool = true
        ) {
            self.credentials = credentials
            self.scopes = scopes
            self.authorizationParameters = authorizationParameters
            self.refusals = refusals
            self.presentsUnknownOutcomeAgain = presentsUnknownOutcomeAgain
        }
    }

    /// The sessions of browsers that signed in there.  Seconds, but for `requestPatience`.
    package struct SessionRules: Hashable, Sendable {
        /// `https://host[:port]` as browsers see it; never taken from a request.
        package var origin: ByteString
        /// `/auth`: begins with a slash, does not end in one.
        package var prefix: ByteString
        /// Name of the session cookie, prefix `__Host-` included where the origin is https.
        package var cookieName: ByteString
        package var isCookieSecure: Bool
        package var sameSite: SameSite
        package var idleTimeout: Int64
        package var absoluteTimeout: Int64
        /// How long before its expiry an access token is renewed behind the requests.
        package var refreshWindow: Int64
        /// What a token answer without `expires_in` means.
        package var defaultTokenLifetime: Int64
        /// How long a request waits for a refresh or a login, in milliseconds.
        package var requestPatience: Int64
        package var attemptLifetime: Int64
        package var attemptLimit: Int
        /// Where a login or logout leads that names no other place: a local path.
        package var landing: ByteString
        /// Claims of the ID token that the `session` endpoint shows.
        package var shownClaims: [ByteString]
        /// How long a worker believes what it remembers of a session, whatever the stamp says.
        package var memoryAge: Int64

        package enum SameSite: ByteString, Hashable, Sendable {
            case lax = "Lax"
            case strict = "Strict"
        }

        package init(
            origin: ByteString, prefix: ByteString = "/auth",
            cookieName: ByteString = "__Host-cloakroom", isCookieSecure: Bool = true,
            sameSite: SameSite = .lax, idleTimeout: Int64 = 3_600, absoluteTimeout: Int64 = 36_000,
            refreshWindow: Int64 = 60, defaultTokenLifetime: Int64 = 300,
            requestPatience: Int64 = 5_000, attemptLifetime: Int64 = 600, attemptLimit: Int = 8,
            landing: ByteString = "/", shownClaims: [ByteString] = ["sub", "name", "email"],
            memoryAge: Int64 = 60
        ) {
            self.origin = origin
            self.prefix = prefix
            self.cookieName = cookieName
            self.isCookieSecure = isCookieSecure
            self.sameSite = sameSite
            self.idleTimeout = idleTimeout
            self.absoluteTimeout = absoluteTimeout
            self.refreshWindow = refreshWindow
            self.defaultTokenLifetime = defaultTokenLifetime
            self.requestPatience = requestPatience
            self.attemptLifetime = attemptLifetime
            self.attemptLimit = attemptLimit
            self.landing = landing
            self.shownClaims = shownClaims
            self.memoryAge = memoryAge
        }
    }
}
