import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability

/// Fetches a provider's metadata and keys, once for all who wait.
///
/// A bad answer never replaces a good one: what is known stays until its hard limit (KEY-16, -17,
/// MET-13).  A fetch that failed is not tried again before a growing pause is over.
/// - Source: OpenID Connect Discovery §4; RFC 8414 §3; RFC 7517 §5.
struct ProviderFlight: Flight {
    static let keysLimit = 512 << 10

    private let name: ByteString
    private var state = State.start

    private enum State: Sendable {
        /// `.begin`
        case start
        /// `.response`, `.noResponse`, then `.result(.metadata)`
        case fetchingMetadata
        /// `.response`, `.noResponse`, then `.result(.keys)`
        case fetchingKeys(maximumAge: Int64?)
    }

    init(_ name: ByteString) { self.name = name }

    // MARK: Who may ask for one

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
        guard let settings = scene.configuration.providers[name] else { return false }
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        guard memory.isFetching || scene.now.monotonic >= memory.unknownKeyNotBefore else {
            return false
        }
        if !memory.isFetching {
            memory.unknownKeyNotBefore =
                scene.now.monotonic + settings.tokens.unknownKeyPause * 1_000
            scene.tables.providers[name] = memory
        }
        scene.join(.provider(name), ProviderFlight(name))
        return true
    }

    // MARK: Steps

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch (state, input) {
        case (.start, .begin): return begin(&scene)
        case (.fetchingMetadata, .response(let response)):
            guard let settings = scene.configuration.providers[name] else { return .done }
            scene.ask(
                .job(
                    .readMetadata(
                        response, issuer: settings.issuer,
                        allowsPlainHTTP: settings.network.allowsPlainHTTP)))
            return nil
        case (.fetchingMetadata, .result(.metadata(.success(let metadata)))):
            scene.tables.providers[name]?.metadata = metadata
            return fetchKeys(&scene)
        case (.fetchingMetadata, .result(.metadata(.failure(let error)))):
            return withoutMetadata("its metadata is not usable: \(error.sentence)", &scene)
        case (.fetchingMetadata, .noResponse(let failure)):
            return withoutMetadata("its metadata cannot be fetched: \(failure.detail)", &scene)
        case (.fetchingKeys, .response(let response)):
            state = .fetchingKeys(maximumAge: CacheLifetime.seconds(response.headers))
            scene.ask(.job(.readKeys(response)))
            return nil
        case (.fetchingKeys(let age), .result(.keys(.success(let keys)))):
            return install(keys, maximumAge: age, &scene)
        case (.fetchingKeys, .result(.keys)):
            return fail("its key set is not usable", &scene)
        case (.fetchingKeys, .noResponse(let failure)):
            return fail("its keys cannot be fetched: \(failure.detail)", &scene)
        default: return fail("unexpected answer", &scene)
        }
    }

    private mutating func begin(_ scene: inout Scene) -> Landing? {
        guard let settings = scene.configuration.providers[name] else { return .done }
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        let needsMetadata =
            memory.metadata == nil || scene.now.monotonic >= memory.keysStale
        memory.isFetching = true
        scene.tables.providers[name] = memory
        guard needsMetadata else { return fetchKeys(&scene) }
        state = .fetchingMetadata
        return get(
            ProviderMetadata.discoveryURL(settings.issuer), limit: ProviderMetadata.bodyLimit,
            settings,
            &scene)
    }

    /// A document that is known stays good when it cannot be fetched anew.
    private mutating func withoutMetadata(_ text: ByteString, _ scene: inout Scene) -> Landing? {
        guard scene.tables.providers[name]?.metadata != nil else { return fail(text, &scene) }
        logCalmly(.warning, text, &scene)
        return fetchKeys(&scene)
    }

    private mutating func fetchKeys(_ scene: inout Scene) -> Landing? {
        guard let settings = scene.configuration.providers[name],
            let metadata = scene.tables.providers[name]?.metadata
        else { return .done }
        state = .fetchingKeys(maximumAge: nil)
        return get(metadata.keySetURL, limit: Self.keysLimit, settings, &scene)
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

    // MARK: Ends

    private func install(
        _ keys: KeySet, maximumAge: Int64?, _ scene: inout Scene
    ) -> Landing? {
        guard let settings = scene.configuration.providers[name],
            var memory = scene.tables.providers[name]
        else { return .done }
        logRemarks(keys, &scene)
        let life = min(
            max(maximumAge ?? settings.tokens.keysMaximumAge, settings.tokens.keysMinimumAge),
            settings.tokens.keysMaximumAge)
        if memory.trouble.failures > 0 { scene.log(.info, "provider \(name): reached again") }
        memory.keys = keys
        memory.keyGeneration &+= 1
        scene.tables.keyEpoch &+= 1
        memory.keysStale = scene.now.monotonic + life * 1_000
        memory.keysDead = scene.now.monotonic + settings.tokens.keysHardLimit * 1_000
        memory.trouble = Trouble()
        memory.isFetching = false
        scene.tables.providers[name] = memory
        return .done
    }

    /// Told once for a set, not at each fetch of the same.
    private func logRemarks(_ keys: KeySet, _ scene: inout Scene) {
        guard scene.tables.providers[name]?.keys?.remarks != keys.remarks else { return }
        for remark in keys.remarks {
            scene.log(
                remark.isAlarming ? .error : .info,
                "provider \(name): key \(remark.keyID ?? "without kid"): "
                    + ByteString("\(remark.finding)")
            )
        }
    }

    private func fail(_ text: ByteString, _ scene: inout Scene) -> Landing? {
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        logCalmly(.error, text, &scene)
        memory.trouble.fail(scene.now, first: 500, last: 30_000, spread: scene.owner)
        memory.isFetching = false
        scene.tables.providers[name] = memory
        return .done
    }

    /// At the first failure and at every eighth.
    private func logCalmly(_ level: LogLevel, _ text: ByteString, _ scene: inout Scene) {
        let failures = scene.tables.providers[name]?.trouble.failures ?? 0
        if failures % 8 == 0 { scene.log(level, "provider \(name): \(text)") }
    }
}

/// Has a provider's keys fetched ahead and again before they grow old, for as long as the engine
/// lives: no request waits for keys that were there before.
struct KeyWatchFlight: Flight {
    private let name: ByteString

    init(_ name: ByteString) { self.name = name }

    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing? {
        switch input {
        case .begin, .fired: scene.join(.provider(name), ProviderFlight(name))
        default:
            let memory = scene.tables.providers[name] ?? ProviderMemory()
            let next =
                memory.trouble.failures > 0 ? memory.trouble.notBefore : memory.keysStale
            scene.ask(.timer(at: max(next, scene.now.monotonic + 100)))
        }
        return nil
    }
}
