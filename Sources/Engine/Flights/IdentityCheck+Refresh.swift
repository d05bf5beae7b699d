import Configuration
import Encodings
import JOSE
import OAuth
import Sessions

extension IdentityCheck {
    /// The check of an ID token that came with a refresh; nil while the keys are not at hand.
    ///
    /// As of the moment it came: where the check is made later, a token that has expired since was
    /// good nevertheless.
    static func refreshed(
        _ token: Secret, accessToken: Secret, of session: SessionContents,
        _ provider: ByteString, _ scene: Scene
    ) -> Self? {
        guard let settings = scene.configuration.providers[provider],
            let rules = settings.idTokenRules,
            let keys = scene.tables.providers[provider]?.usableKeys(scene.now)
        else { return nil }
        return IdentityCheck(
            token: token.reveal(), rules: rules, keys: keys, now: session.obtainedAt,
            accessToken: accessToken.reveal(),
            subject: .same(subject: session.subject, authTime: session.authTime))
    }
}
