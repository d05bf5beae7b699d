/// What must hold in every world, after every step.
enum Property: String, CaseIterable {
    case oneUnderWay = "SIM-01"
    case presentedTwice = "SIM-02"
    case noRace = "SIM-03"
    case persisted = "SIM-04"
    case loggedOut = "SIM-05"
    case newest = "SIM-06"
    case clearEnd = "SIM-07"
    case noFalseEnd = "SIM-08"
    case nothingLost = "SIM-09"
    case oneDecision = "SIM-10"
    case patience = "SIM-11"
    case noNeedlessWait = "SIM-12"
    case noReturn = "SIM-13"
    case oneAnswer = "SIM-14"
    case converges = "SIM-15"
    case oneRefresh = "SIM-16"
    case samePerson = "SIM-17"
    case lifetime = "SIM-18"
    case calm = "SIM-19"
    case revoked = "SIM-20"
    case goodToken = "SIM-21"
    case keysLast = "SIM-22"

    var sentence: String {
        switch self {
        case .oneUnderWay:
            "At most one presentation of a session's refresh token is under way, over all engines."
        case .presentedTwice:
            "A refresh token is presented again only after an outcome that nobody knows, and once."
        case .noRace: "Two rotations of one refresh token never race."
        case .persisted: "A token is in the store before it is used."
        case .loggedOut:
            "A request that starts after a session was ended is not served by it, on any engine."
        case .newest:
            "A request that starts after a refresh was stored carries no older access token."
        case .clearEnd:
            "A session ends only by a clear refusal, a logout, a new login in its place, its "
                + "expiry, or a refreshed ID token of someone else."
        case .noFalseEnd: "Nobody is told that a session is over while it lives."
        case .nothingLost:
            "Tokens that have arrived are stored or revoked, while the engine that got them lives."
        case .oneDecision: "Each request that is not given up gets one decision."
        case .patience: "Nobody waits longer than the patience of a request."
        case .noNeedlessWait: "Nobody waits for a refresh that is not due."
        case .noReturn:
            "A session that has ended never comes back; what a late answer brings is revoked."
        case .oneAnswer: "Each effect has a ticket of its own and takes one answer."
        case .converges:
            "When nothing goes wrong any more, everybody is served again, and nobody gets a 503."
        case .oneRefresh: "200 requests upon an expiry cause one refresh, and all are served."
        case .samePerson: "Nothing that came with another person's ID token is forwarded."
        case .lifetime: "No session is served beyond its idle or absolute lifetime."
        case .revoked: "The refresh token of a session that was logged out is sent for revocation."
        case .goodToken: "A good access token is never refused, whatever befalls the provider."
        case .keysLast:
            "Keys that were kept serve at once on every engine, restarts and outages "
                + "notwithstanding."
        case .calm: "A provider that fails is not asked without a pause."
        }
    }
}

/// A property that did not hold.
struct Violation {
    let property: Property
    let detail: String
}
