import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability
import Sessions

/// Gets a provider's metadata and keys, once for all who wait: from the store where another worker
/// or an earlier process has left them, from the provider, or from the operator's file.
///
/// A bad answer never replaces a good one: what is known stays until its hard limit (KEY-16, -17,
/// MET-13).  A set that has lost keys is a good answer, as long as one of them is of use: that is
/// how keys are withdrawn.  What failed is not tried again before a growing pause is over.
/// - Source: OpenID Connect Discovery §4; RFC 8414 §3; RFC 7517 §5.
struct ProviderFlight: Flight {
    /// Of a key set, in bytes.
    static let keysLimit = 512 << 10

    let name: ByteString
    /// A token names one: then the provider is not asked for another before a pause is over.
    private let isForUnknownKey: Bool
    private var state = State.start
    /// As it came, for the store.
    private var metadata: [UInt8]?

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.reply`, `.noReply`, then `.result(.record)`
        case readingKept(storeAge: Int64?)
        /// `.response`, `.noResponse`, then `.result(.metadata)`
        case fetchingMetadata
        /// `.response`, `.noResponse`, then `.result(.keys)`
        case fetchingKeys(maximumAge: Int64?, body: [UInt8])
        /// `.file`, then `.result(.keys)`
        case readingFile
    }

    private init(_ name: ByteString, isForUnknownKey: Bool = false) {
        self.name = name
        self.isForUnknownKey = isForUnknownKey
    }

    // MARK: Who may ask for one

    /// Joins a fetch because what is there grows old.
    static func joinRenewal(_ name: ByteString, _ scene: inout Scene) {
        scene.join(.provider(name), ProviderFlight(name))
    }

    /// Joins a fetch because something is missing.
    /// - Returns: false while a failed fetch says to wait.
    static func joinMissing(_ name: ByteString, _ scene: inout Scene) -> Bool {
        let memory = scene.tables.providers[name] ?? ProviderMemory()
        guard memory.isFetching || memory.trouble.isOver(scene.now) else { return false }
        scene.join(.provider(name), ProviderFlight(name))
        return true
    }

    /// Joins a fetch because a token names an unknown key: one fetch in a pause, for all (KEY-14).
    /// - Returns: false within the pause.
    static func joinUnknownKey(_ name: ByteString, _ scene: inout Scene) -> Bool {
        let memory = scene.tables.providers[name] ?? ProviderMemory()
        guard memory.isFetching || scene.now.monotonic >= memory.unknownKeyNotBefore else {
            return false
        }
        scene.join(.provider(name), ProviderFlight(name, isForUnknownKey: true))
        return true
    }

    // MARK: Steps

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        guard let settings = scene.configuration.providers[name] else {
            return .provider(wasAsked: true)
        }
        switch (state, input) {
        case (.start, .begin): return begin(settings, &scene)
        case (.readingKept, .reply(.kept(let sealed, let age))):
            return open(sealed, storeAge: age, settings, &scene)
        case (.readingKept(let age), .result(.record(let opened?))):
            if take(opened, storeAge: age, settings, &scene) {
                return .provider(wasAsked: false)
            }
            return ask(settings, &scene)
        case (.readingKept, _): return ask(settings, &scene)
        case (.fetchingMetadata, .response(let response)):
            metadata = response.body
            scene.ask(
                .job(
                    .readMetadata(
                        response, issuer: settings.issuer,
                        allowsPlainHTTP: settings.network.allowsPlainHTTP)))
            return nil
        case (.fetchingMetadata, .result(.metadata(.success(let new)))):
            logMoves(to: new, &scene)
            scene.tables.providers[name]?.metadata = new
            return fetchKeys(from: new.keySetURL, settings, &scene)
        case (.fetchingMetadata, .result(.metadata(.failure(let error)))):
            let text: ByteString = "its metadata is not usable: \(error.sentence)"
            return withoutMetadata(text, settings, &scene)
        case (.fetchingMetadata, .noResponse(let failure)):
            let text: ByteString = "its metadata cannot be fetched: \(failure.detail)"
            return withoutMetadata(text, settings, &scene)
        case (.fetchingKeys, .response(let response)):
            let age = CacheLifetime.seconds(response.headers)
            state = .fetchingKeys(maximumAge: age, body: response.body)
            scene.ask(.job(.readKeys(response)))
            return nil
        case (.fetchingKeys(let age, let body), .result(.keys(.success(let keys)))):
            let known = metadata ?? scene.tables.providers[name]?.record?.metadata
            let record = ProviderRecord(
                purpose: settings.recordPurpose, fetchedAt: scene.now.wall, lifetime: age,
                metadata: known, keys: body)
            return install(keys, record, settings, &scene)
        case (.fetchingKeys, .result(.keys)):
            return fail("its key set is not usable", &scene)
        case (.fetchingKeys, .noResponse(let failure)):
            return fail("its keys cannot be fetched: \(failure.detail)", &scene)
        case (.readingFile, .file(let reading)): return take(reading, settings, &scene)
        case (.readingFile, .result(.keys(.success(let keys)))):
            return install(keys, nil, settings, &scene)
        case (.readingFile, .result(.keys)):
            return complain("its key file holds no usable keys; the old keys stay", &scene)
        default: return fail("unexpected answer", &scene)
        }
    }

    private mutating func begin(_ settings: Provider, _ scene: inout Scene) -> Landing? {
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        memory.isFetching = true
        scene.tables.providers[name] = memory
        if case .file = settings.keySource { return ask(settings, &scene) }
        guard scene.configuration.store != nil, scene.configuration.keyRing != nil,
            let key = settings.recordPurpose.key
        else { return ask(settings, &scene) }
        state = .readingKept(storeAge: nil)
        scene.ask(.store(.readKept(key)))
        return nil
    }

    private mutating func open(
        _ sealed: [UInt8], storeAge: Int64?, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        guard let ring = scene.configuration.keyRing else { return ask(settings, &scene) }
        state = .readingKept(storeAge: storeAge)
        scene.ask(
            .job(
                .openRecord(
                    sealed, settings.recordPurpose, ring,
                    allowsPlainHTTP: settings.network.allowsPlainHTTP)))
        return nil
    }

    /// Asks whoever has the keys.
    private mutating func ask(_ settings: Provider, _ scene: inout Scene) -> Landing? {
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        if isForUnknownKey {
            memory.unknownKeyNotBefore =
                scene.now.monotonic + settings.tokens.unknownKeyPause * 1_000
            scene.tables.providers[name] = memory
        }
        switch settings.keySource {
        case .file(let path):
            state = .readingFile
            scene.ask(.file(path: path, setting: "jwks_file", since: memory.fileMark))
            return nil
        case .url(let url): return fetchKeys(from: url, settings, &scene)
        case .discovery:
            if let known = memory.metadata, scene.now.monotonic < memory.keysStale {
                return fetchKeys(from: known.keySetURL, settings, &scene)
            }
            state = .fetchingMetadata
            let url = ProviderMetadata.discoveryURL(settings.issuer)
            return get(url, limit: ProviderMetadata.bodyLimit, settings, &scene)
        }
    }

    /// A document that is known stays good when it cannot be fetched anew.
    private mutating func withoutMetadata(
        _ text: ByteString, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        metadata = nil
        guard let known = scene.tables.providers[name]?.metadata else { return fail(text, &scene) }
        logCalmly(.warning, text, &scene)
        return fetchKeys(from: known.keySetURL, settings, &scene)
    }

    private mutating func fetchKeys(
        from url: ByteString, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        state = .fetchingKeys(maximumAge: nil, body: [])
        return get(url, limit: Self.keysLimit, settings, &scene)
    }

    private func get(
        _ url: ByteString, limit: Int, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        guard let reference = URLReference(url) else { return fail("a bad URL", &scene) }
        scene.ask(
            .exchange(
                OutboundRequest(
                    .get, url, headers: [HeaderField("Accept", "application/json")],
                    route: settings.route(to: reference),
                    timeout: settings.network.requestTimeout, bodyLimit: limit)))
        return nil
    }
}
