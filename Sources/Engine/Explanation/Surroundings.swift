import Configuration
package import Sessions

/// What an engine knows that bears on one request, copied so that it can be looked at without the
/// lock.
package struct Surroundings: Sendable {
    package var now: Moment
    package var keyRing: KeyRing?
    /// Of the policy's provider.
    package var provider: ProviderMemory
    /// Of the session that the request names.
    package var session: RememberedSession?
    package var refreshTrouble: Trouble?

    init(
        of subject: Subject, _ tables: inout Tables, _ configuration: Configuration, _ now: Moment
    ) {
        self.now = now
        keyRing = configuration.keyRing
        provider = ProviderMemory()
        switch subject {
        case .bearer(let request): look(at: request.guarded, tables)
        case .browser(let request):
            look(at: request.guarded, tables)
            guard let (_, key) = request.ticket else { return }
            session = tables.sessions[key]
            refreshTrouble = tables.refreshTroubles[key]
        case .open, .unconfigured: break
        }
    }

    private mutating func look(at guarded: Guarded, _ tables: Tables) {
        provider = tables.providers[guarded.provider.name] ?? ProviderMemory()
    }
}
