import Configuration
import Encodings
import JOSE
import OAuth
import Sessions

extension IdentityCheck {
    /// More seconds than any clock is wrong by.
    private static let anyTime: Int64 = 1 << 40

    /// The check of an ID token that came with a refresh; nil while the keys are not at hand.
    ///
    /// It is about the person, not about the time: the token came in answer to our own request,
    /// and neither a clock that is off nor a check that was owed for long may end a session.
    /// - Source: OpenID Connect Core §12.2; REF-08.
    static func refreshed(
        _ token: Secret, accessToken: Secret, of session: SessionContents,
        _ provider: ByteString, _ scene: Scene
    ) -> Self? {
        guard let settings = scene.configuration.providers[provider],
            var rules = settings.idTokenRules,
            let keys = scene.tables.providers[provider]?.usableKeys(scene.now)
        else { return nil }
        rules.leeway = anyTime
        return IdentityCheck(
            token: token.reveal(), rules: rules, keys: keys, now: session.obtainedAt,
            accessToken: accessToken.reveal(),
            subject: .same(
                subject: session.subject, authTime: session.authTime,
                nonce: session.idClaims["nonce"]?.string))
    }
}
