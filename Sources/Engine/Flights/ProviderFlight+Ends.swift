import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability
import Sessions

/// What becomes of what a flight has found.
extension ProviderFlight {
    /// Milliseconds between looks at a key file.
    private static let filePause: Int64 = 2_000

    /// - Parameter record: what the provider sent; nil where the keys are of a file.
    func install(
        _ keys: KeySet, _ record: ProviderRecord?, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        guard var memory = scene.tables.providers[name] else { return .provider(wasAsked: true) }
        if memory.trouble.failures > 0 {
            let text: ByteString = record == nil ? "its key file is good again" : "reached again"
            scene.log(.info, "provider \(name): \(text)")
        }
        memory.trouble = Trouble()
        memory.fileComplaint = nil
        memory.isFetching = false
        scene.tables.providers[name] = memory
        replace(keys, record, age: 0, settings, &scene)
        if let record { KeepFlight.launch(record, settings, &scene) }
        return .provider(wasAsked: true)
    }

    /// Takes what another worker has fetched, or an earlier process, if it is fresher than what is
    /// known and not too old.
    ///
    /// Its age is what either clock says, whichever is more: a clock that was set back must not
    /// make keys young again.  One from the future is of no known age.
    /// - Returns: whether nothing more need be asked for now.
    func take(
        _ opened: OpenedRecord, storeAge: Int64?, _ settings: Provider, _ scene: inout Scene
    ) -> Bool {
        guard var memory = scene.tables.providers[name] else { return true }
        let record = opened.record
        let (wallAge, overflows) = scene.now.wall.subtractingReportingOverflow(record.fetchedAt)
        let age = max(wallAge, (storeAge ?? 0) / 1_000, 0)
        guard !overflows, wallAge >= -60, age < settings.tokens.keysHardLimit else { return false }
        let hasKeys = memory.usableKeys(scene.now) != nil
        guard !hasKeys || record.fetchedAt > memory.record?.fetchedAt ?? .min else { return false }
        if !hasKeys {
            scene.log(.info, "provider \(name): its keys of \(age) s ago are in the store")
        }
        if let metadata = opened.metadata { memory.metadata = metadata }
        memory.isFetching = false
        scene.tables.providers[name] = memory
        replace(opened.keys, record, age: age, settings, &scene)
        guard hasKeys else {
            // Who waits need wait no longer; but a start is a good time to ask the provider, too.
            if age >= settings.tokens.keysMinimumAge {
                scene.tables.providers[name]?.keysStale = scene.now.monotonic
            }
            return true
        }
        guard scene.tables.providers[name]?.isStale(scene.now) == true else { return true }
        scene.tables.providers[name]?.isFetching = true
        return false
    }

    mutating func take(
        _ reading: FileReading, _ settings: Provider, _ scene: inout Scene
    ) -> Landing? {
        switch reading {
        case .contents(let bytes, let mark):
            scene.tables.providers[name]?.fileMark = mark
            scene.tables.providers[name]?.fileComplaint = nil
            scene.ask(.job(.readKeyFile(bytes)))
            return nil
        case .unreadable(let text):
            scene.tables.providers[name]?.fileMark = nil
            return complain(text + "; the old keys stay", &scene)
        case .unchanged:
            guard var memory = scene.tables.providers[name] else {
                return .provider(wasAsked: true)
            }
            if let complaint = memory.fileComplaint { return complain(complaint, &scene) }
            memory.keysDead = scene.now.monotonic + settings.tokens.keysHardLimit * 1_000
            memory.keysStale = scene.now.monotonic + Self.filePause
            memory.isFetching = false
            scene.tables.providers[name] = memory
            return .provider(wasAsked: true)
        }
    }

    /// Told once, however often the file is looked at.
    func complain(_ text: ByteString, _ scene: inout Scene) -> Landing? {
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        if memory.fileComplaint != text { scene.log(.error, "provider \(name): \(text)") }
        memory.fileComplaint = text
        memory.trouble.fail(scene.now, first: 500, last: Self.filePause, spread: scene.owner)
        memory.isFetching = false
        scene.tables.providers[name] = memory
        return .provider(wasAsked: true)
    }

    /// - Parameter age: seconds since the keys were fetched.
    private func replace(
        _ keys: KeySet, _ record: ProviderRecord?, age: Int64, _ settings: Provider,
        _ scene: inout Scene
    ) {
        guard var memory = scene.tables.providers[name] else { return }
        logRemarks(keys, &scene)
        let tokens = settings.tokens
        memory.keys = keys
        memory.record = record
        memory.keyGeneration &+= 1
        scene.tables.keyEpoch &+= 1
        memory.keysDead = scene.now.monotonic + (tokens.keysHardLimit - age) * 1_000
        if let record {
            let maximumAge = record.lifetime ?? tokens.keysMaximumAge
            let life = min(max(maximumAge, tokens.keysMinimumAge), tokens.keysMaximumAge)
            // Workers do not all fetch in the same second: the first one's serve the others.
            let spread = life * Int64(scene.owner % 1_024) / 10_240
            memory.keysStale = scene.now.monotonic + (life - age - spread) * 1_000
        } else {
            memory.keysStale = scene.now.monotonic + Self.filePause
        }
        scene.tables.providers[name] = memory
    }

    // MARK: The log

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

    /// Codes and secrets go where the document says: it is worth a line when that is elsewhere.
    func logMoves(to new: ProviderMetadata, _ scene: inout Scene) {
        guard let old = scene.tables.providers[name]?.metadata else { return }
        for (what, before, after) in [
            ("authorization endpoint", old.authorizationEndpoint, new.authorizationEndpoint),
            ("token endpoint", old.tokenEndpoint, new.tokenEndpoint),
            ("key set", old.keySetURL, new.keySetURL),
        ] as [(ByteString, ByteString, ByteString)] {
            guard let host = URLReference(after)?.host, host != URLReference(before)?.host else {
                continue
            }
            scene.log(.warning, "provider \(name): its \(what) is now at \(host)")
        }
    }

    func fail(_ text: ByteString, _ scene: inout Scene) -> Landing? {
        logCalmly(.error, text, &scene)
        var memory = scene.tables.providers[name] ?? ProviderMemory()
        memory.trouble.fail(scene.now, first: 500, last: 30_000, spread: scene.owner)
        memory.isFetching = false
        scene.tables.providers[name] = memory
        return .provider(wasAsked: true)
    }

    /// At the first failure and at every eighth.
    func logCalmly(_ level: LogLevel, _ text: ByteString, _ scene: inout Scene) {
        let failures = scene.tables.providers[name]?.trouble.failures ?? 0
        if failures % 8 == 0 { scene.log(level, "provider \(name): \(text)") }
    }
}

extension Provider {
    /// What its documents are kept as.
    var recordPurpose: ProviderRecord.Purpose {
        if case .url(let url) = keySource {
            return ProviderRecord.Purpose(issuer: issuer, keySetURL: url)
        }
        return ProviderRecord.Purpose(issuer: issuer, keySetURL: "")
    }
}
