import Configuration
package import Sessions

/// What an engine knows that bears on one request, copied so that it can be looked at without the
/// lock.
package struct Surroundings: Sendable {
    package var now: Moment
    package var keyRing: KeyRing?
    /// Session and endpoints: of the policy's provider.
    package var provider: ProviderMemory
    /// Bearer: the issuers and their keys.
    var bearerCheck: BearerCheck?
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
        case .bearer(let request): bearerCheck = BearerCheck(request.guarded, tables, now)
        case .browser(let request):
            let name = request.guarded.provider.name
            provider = tables.providers[name] ?? ProviderMemory()
            guard let key = request.ticket?.rowKey else { return }
            session = tables.sessions[key]
            refreshTrouble = tables.refreshTroubles[key]
        case .open, .unconfigured: break
        }
    }
}
