import Configuration
import Encodings
import HTTPMessages
import JOSE
import OAuth
import Observability
import Sessions

/// What becomes of the provider's answer: checked, sealed and stored, or the lease given back.
extension RefreshFlight {
    // MARK: The new ID token

    /// A refreshed ID token must name the same person.  Where the keys are not at hand the tokens
    /// are stored first, marked, and checked when the session is next loaded.
    mutating func check(
        _ lease: Lease, _ renewal: Renewal, _ scene: inout Scene
    ) -> RefreshResult? {
        guard renewal.contents.isUnverified,
            let check = IdentityCheck.refreshed(
                renewal.contents.idToken, accessToken: renewal.contents.accessToken,
                of: renewal.contents, provider, scene)
        else { return seal(lease, renewal, &scene) }
        state = .checking(lease, renewal)
        scene.ask(.job(.verifyIdentity(check)))
        return nil
    }

    mutating func checked(
        _ lease: Lease, _ renewal: Renewal, _ verdict: Result<IDToken, TokenRefusal>,
        _ scene: inout Scene
    ) -> RefreshResult? {
        switch verdict {
        case .success(let idToken):
            var renewal = renewal
            renewal.contents.isUnverified = false
            let nonce = renewal.contents.idClaims["nonce"]
            renewal.contents.idClaims = idToken.claims.object
            // Most have none; the one of the login stays the measure of those that follow.
            if renewal.contents.idClaims["nonce"] == nil {
                renewal.contents.idClaims["nonce"] = nonce
            }
            return seal(lease, renewal, &scene)
        case .failure(.unknownKey): return seal(lease, renewal, &scene)
        case .failure(let refusal):
            scene.log(.error, "a refreshed ID token is refused (\(refusal.word)): session ended")
            RevocationFlight.launch(renewal.contents.refreshToken, provider, &scene)
            return end(lease, &scene)
        }
    }

    // MARK: Persist before use

    mutating func seal(
        _ lease: Lease, _ renewal: Renewal, _ scene: inout Scene
    ) -> RefreshResult? {
        guard let ring = scene.configuration.keyRing else { return .failed }
        state = .sealing(lease, renewal)
        scene.ask(
            .job(
                .sealSession(
                    renewal.contents, ticket, generation: renewal.generation &+ 1, ring)))
        return nil
    }

    mutating func commit(
        _ lease: Lease, _ renewal: Renewal, _ sealed: [UInt8]?, _ scene: inout Scene
    ) -> RefreshResult? {
        guard let sealed else { return tryAgain(&scene) }
        state = .committing(lease, renewal, sealed: sealed)
        scene.ask(
            .store(
                .commitRefresh(
                    key, epoch: lease.epoch, sealed: sealed,
                    absoluteExpiry: renewal.contents.absoluteExpiry)))
        return nil
    }

    func committed(
        _ renewal: Renewal, _ reply: StoreReply, _ scene: inout Scene
    ) -> RefreshResult? {
        forget(&scene)
        switch reply {
        case .done, .superseded: return .renewed
        default:
            // Logged out meanwhile: the logout wins, and what came too late is revoked (REF-10).
            RevocationFlight.launch(renewal.contents.refreshToken, provider, &scene)
            return .ended
        }
    }

    /// What the provider has answered is sealed and stored in the end, never dropped: new tokens,
    /// or that a refresh token is refused, or that it certainly was not looked at.  Else a refused
    /// one would be presented again, and one that may be presented again would not.
    mutating func tryAgain(_ scene: inout Scene) -> RefreshResult? {
        failedWrites += 1
        if failedWrites == 1 {
            scene.log(
                .error, "the outcome of a refresh cannot be stored; it is kept and tried again")
        }
        let pause = min(2_000, Int64(50) << min(failedWrites, 10))
        scene.ask(.timer(at: scene.now.monotonic + pause))
        return nil
    }

    // MARK: Ends

    mutating func close(
        _ lease: Lease, wasPresented: Bool, _ result: RefreshResult, _ scene: inout Scene
    ) -> RefreshResult? {
        close(
            .abandonRefresh(key, epoch: lease.epoch, wasPresented: wasPresented), result, &scene)
    }

    mutating func end(_ lease: Lease, _ scene: inout Scene) -> RefreshResult? {
        forget(&scene)
        return close(.refuseRefresh(key, epoch: lease.epoch), .ended, &scene)
    }

    mutating func close(
        _ command: StoreCommand, _ result: RefreshResult, _ scene: inout Scene
    ) -> RefreshResult? {
        state = .closing(result, command)
        scene.ask(.store(command))
        return nil
    }

    func forget(_ scene: inout Scene) { scene.tables.sessions[key] = nil }

    func fail(_ scene: inout Scene) {
        var trouble = scene.tables.refreshTroubles[key] ?? Trouble()
        trouble.fail(scene.now, first: 500, last: 30_000, spread: key.words.2)
        scene.tables.refreshTroubles[key] = trouble
        scene.tables.providers[provider]?.tokenTrouble.fail(
            scene.now, first: 100, last: 5_000, spread: scene.owner)
    }
}
