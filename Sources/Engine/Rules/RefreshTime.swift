import Configuration
import Sessions

/// When the renewal of an access token begins.
enum RefreshTime {
    /// Ahead of the expiry by the refresh window, or by a third of the token's life where that is
    /// shorter; up to half of that later, so that sessions of equal expiry spread out (REF-09).
    static func begin(
        _ contents: SessionContents, _ key: RowKey, _ generation: UInt64,
        _ rules: Provider.SessionRules
    ) -> Int64 {
        let life = max(1, contents.accessExpiry &- contents.obtainedAt)
        let window = min(rules.refreshWindow, life / 3)
        let spread = Int64((key.words.1 &+ generation &* 0x9E37_79B9) % 1_024)
        return contents.accessExpiry &- window &+ window / 2 &* spread / 1_024
    }
}
