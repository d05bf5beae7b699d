import Cryptography
import Encodings
import HTTPMessages
import OAuth
import Sessions

/// The same bytes at every call: what is sealed with it is the same in every run.
struct SteadyRandom: RandomSource {
    func bytes(_ count: Int) -> [UInt8]? {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + 13) }
    }
}

enum Sealed {
    static let ring = KeyRing(
        current: KeyRing.Key(id: "k1", secret: Secret([UInt8](0..<32))),
        others: [KeyRing.Key(id: "k0", secret: Secret([UInt8](32..<64)))])
    static let ticket = SessionTicket.make(SteadyRandom())
    static let cookie: ByteString = "__Host-cloakroom"

    static let attempt = LoginAttempt.make(
        provider: "idp", returnTo: "/a?b", startedAt: Signed.now, random: SteadyRandom())
    static let attemptCookie = attempt.flatMap {
        AttemptCookie.seal($0, sessionCookie: cookie, ring: ring, random: SteadyRandom())
    }

    static let contents = SessionContents(
        issuer: Signed.issuer, clientID: "app", provider: "idp", subject: "alice", authTime: 1,
        idClaims: ["sub": "alice"], accessToken: Secret("access" as ByteString), obtainedAt: 2,
        accessExpiry: 3, scope: "openid", refreshToken: Secret("refresh" as ByteString),
        idToken: Secret("id" as ByteString), createdAt: 4, absoluteExpiry: 5, isUnverified: false)
    static let documents = ProviderRecord(
        purpose: ProviderRecord.Purpose(issuer: Signed.issuer, keySetURL: ""), fetchedAt: 1,
        lifetime: nil, metadata: Array("{}".utf8), keys: Array("{\"keys\":[]}".utf8))
    static let record = documents.seal(ring, random: SteadyRandom())

    static let row = ticket.flatMap {
        SessionSeal.seal(contents, ticket: $0, generation: 1, ring: ring, random: SteadyRandom())
    }
}

extension FuzzTarget {
    static let callback = FuzzTarget(
        name: "callback", about: "the query that a browser brings back from the provider",
        longest: 16 << 10,
        words: [
            "code=", "state=", "error=", "iss=https%3A%2F%2Fidp.example", "access_denied", "&",
        ],
        seeds: {
            inputs(
                "code=abc&state=x", "error=access_denied&state=x", "code=a&error=b", "state=x",
                "code=abc&iss=https%3A%2F%2Fidp.example&state=x", "code=a&code=b", "code=%zz",
                "code=abc&iss=https%3A%2F%2Fevil.example")
        }
    ) { input in
        let parameters = Parameters(ByteString(input))
        let names = parameters.pairs.map(\.name)
        for promises in [true, false] {
            let response = AuthorizationResponse.parse(
                parameters, issuer: Signed.issuer, promisesIssuerParameter: promises)
            if case .refused = response { continue }
            promise(!parameters.isMalformed, "what is malformed is refused")
            promise(Set(names).count == names.count, "what is repeated is refused")
            let claimed = parameters["iss"]
            promise(claimed == Signed.issuer || claimed == nil && !promises, "it is this issuer's")
            switch response {
            case .code(let code):
                promise(parameters["code"] == code.reveal(), "the code is the only one")
                promise(parameters["error"] == nil, "and there is no error")
                promise((1...4_096).contains(code.count), "of some length")
            case .error(let word):
                promise(parameters["code"] == nil, "with an error there is no code")
                promise(word.isPrintableASCII && word.count <= 64, "the word can be logged")
            case .refused: break
            }
        }
    }

    static let sessionCookie = FuzzTarget(
        name: "session-cookie", about: "the session cookie's value", longest: 128,
        seeds: { [Sealed.ticket?.cookieValue.bytes ?? []] + inputs("", "AAAA") }
    ) { input in
        let text = ByteString(input)
        let ticket = SessionTicket(cookieValue: text)
        guard let ticket else { return }
        promise(ticket.cookieValue == text, "a ticket has one spelling")
        promise(RowKey(ticket.rowKey.bytes) == ticket.rowKey, "a row's name comes back")
        promise(ticket.csrfValue.count == 22, "there is a CSRF value")
    }

    static let attemptCookie = FuzzTarget(
        name: "attempt-cookie", about: "a login attempt: its cookie, and what is sealed in it",
        longest: 4 << 10,
        seeds: {
            [Sealed.attemptCookie?.bytes ?? [], Sealed.attempt?.encoded ?? []]
        }
    ) { input in
        let text = ByteString(input)
        let state = Sealed.attempt?.state ?? ""
        let opened = AttemptCookie.open(
            text, state: state, sessionCookie: Sealed.cookie, ring: Sealed.ring, now: Signed.now,
            lifetime: 600)
        if opened != nil {
            promise(text == Sealed.attemptCookie, "only what was sealed opens")
            promise(opened == Sealed.attempt, "and is what it was")
        }
        guard let attempt = LoginAttempt(encoded: input) else { return }
        promise(attempt.encoded == input, "an attempt has one encoding")
        guard
            let value = AttemptCookie.seal(
                attempt, sessionCookie: Sealed.cookie, ring: Sealed.ring, random: SteadyRandom())
        else { return }
        promise(value.count <= AttemptCookie.limit, "the cookie is not too long")
        let again = AttemptCookie.open(
            value, state: attempt.state, sessionCookie: Sealed.cookie, ring: Sealed.ring,
            now: attempt.startedAt, lifetime: 600)
        promise(again == attempt, "what is sealed opens")
    }

    static let providerRecord = FuzzTarget(
        name: "provider-record", about: "a provider's documents as they are stored",
        longest: 64 << 10, seeds: { [Sealed.record ?? []] }
    ) { input in
        let opened = ProviderRecord.open(input, for: Sealed.documents.purpose, Sealed.ring)
        if opened != nil {
            promise(input == Sealed.record, "only what was sealed opens")
            promise(opened == Sealed.documents, "and is what it was")
        }
        let other = ProviderRecord.Purpose(issuer: "https://b.example", keySetURL: "")
        promise(ProviderRecord.open(input, for: other, Sealed.ring) == nil, "for its purpose only")
    }

    static let contents = FuzzTarget(
        name: "contents", about: "a stored row: its seal, and what is sealed in it",
        longest: 64 << 10,
        seeds: { [Sealed.row ?? [], Sealed.contents.encoded] }
    ) { input in
        guard let ticket = Sealed.ticket else { return promise(false, "there is a ticket") }
        for generation: UInt64 in [1, 2] {
            let opened = SessionSeal.open(
                input, ticket: ticket, generation: generation, ring: Sealed.ring)
            promise(
                opened == nil || generation == 1 && input == Sealed.row,
                "only what was sealed opens")
        }
        guard let contents = SessionContents(encoded: input) else { return }
        promise(
            SessionContents(encoded: contents.encoded) == contents, "written anew, it is the same")
        guard
            let sealed = SessionSeal.seal(
                contents, ticket: ticket, generation: 7, ring: Sealed.ring, random: SteadyRandom())
        else { return promise(false, "it can be sealed") }
        let opened = SessionSeal.open(sealed, ticket: ticket, generation: 7, ring: Sealed.ring)
        promise(opened == contents, "what is sealed opens")
    }
}
