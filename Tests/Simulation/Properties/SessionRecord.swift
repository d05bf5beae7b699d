import Encodings
import Sessions

/// What the ledger knows of a session: more than any engine does.
final class SessionRecord {
    /// A lease that was granted, and what came of it.
    final class Grant {
        let owner: Worker
        let life: Int
        let epoch: UInt64
        let end: Int64
        var exchange: Exchange?
        var outcome = Outcome.none
        /// Its owner does not know that it has it.
        var isUnheard = false
        /// It had run out, and another engine has taken its place.
        var isOvertaken = false

        init(_ owner: Worker, epoch: UInt64, end: Int64) {
            self.owner = owner
            life = owner.life
            self.epoch = epoch
            self.end = end
        }

        var ownerLives: Bool { owner.isUp && owner.life == life }
    }

    enum Outcome {
        /// Nothing has been presented.
        case none
        case pending
        /// The provider certainly did nothing.
        case clean
        /// Nobody can know.
        case unknown
        case refused
        case rotated
    }

    let key: RowKey
    let ticket: SessionTicket
    var generation: UInt64 = 1
    /// When each generation was stored, as steps.
    var storedSteps: [Int] = []
    var refreshToken: ByteString = ""
    /// Seconds, wall clock.
    var accessExpiry: Int64 = 0
    var idleExpiry: Int64 = 0
    var absoluteExpiry: Int64 = 0
    var isUnverified = false
    /// The step at which the row went.
    var endedStep: Int?
    var logoutAsked = false
    /// The provider has refused the refresh token, and an engine has heard it.
    var isRefused = false
    /// An ID token of someone else has come.
    var hasStrayed = false
    /// An ID token was never checked, and the next answer brought none.
    var isUnproven = false
    var lastServedWall: Int64 = 0
    /// The latest step at which it was past its idle time, though it was then touched.
    var lapsedStep = 0
    /// Of the present generation.
    var grants: [Grant] = []

    init(_ row: SessionRow, _ ticket: SessionTicket) {
        key = row.key
        self.ticket = ticket
        idleExpiry = row.idleExpiry
        absoluteExpiry = row.absoluteExpiry
    }

    var expiry: Int64 { min(idleExpiry, absoluteExpiry) }

    /// The provider has had its say.
    var isForfeit: Bool { isRefused || hasStrayed || isUnproven }

    func grant(of exchange: Exchange) -> Grant? { grants.last { $0.exchange === exchange } }
}
