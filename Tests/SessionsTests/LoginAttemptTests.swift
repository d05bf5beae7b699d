import Cryptography
import Encodings
import Sessions
import Testing

@Suite("A login attempt travels in a sealed cookie of its own")
struct LoginAttemptTests {
    private static let cookie: ByteString = "__Host-cloakroom"
    private let random = CountingRandom()

    private func attempt(returnTo: ByteString = "/page?x=1") throws -> LoginAttempt {
        try #require(
            LoginAttempt.make(
                provider: "main", returnTo: returnTo, startedAt: 1_000, random: random))
    }

    private func seal(_ attempt: LoginAttempt) throws -> ByteString {
        try #require(
            AttemptCookie.seal(attempt, sessionCookie: Self.cookie, ring: ring, random: random))
    }

    private func open(
        _ value: ByteString, _ state: ByteString, cookie: ByteString = cookie, ring: KeyRing = ring,
        now: Int64 = 1_100
    ) -> LoginAttempt? {
        AttemptCookie.open(
            value, state: state, sessionCookie: cookie, ring: ring, now: now, lifetime: 600)
    }

    @Test("LOG-04 LOG-05 State, nonce and verifier are fresh, and 256 bits each")
    func fresh() throws {
        let (first, second) = (try attempt(), try attempt())
        let values = [first, second].flatMap { [$0.state, $0.nonce, $0.verifier] }
        #expect(Set(values).count == 6)
        #expect(values.allSatisfy { $0.count == 43 && Base64URL.decode($0)?.count == 32 })
        let none = LoginAttempt.make(
            provider: "main", returnTo: "/", startedAt: 0, random: NoRandom())
        #expect(none == nil)
    }

    @Test("The challenge is that of RFC 7636, appendix B")
    func challenge() {
        let verifier: ByteString = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(
            LoginAttempt.challenge(of: verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
    }

    @Test("What was sealed opens for the state it was made for")
    func roundTrip() throws {
        let attempt = try attempt()
        let value = try seal(attempt)
        #expect(open(value, attempt.state) == attempt)
        let name = AttemptCookie.name(sessionCookie: Self.cookie, state: attempt.state)
        #expect(name.hasPrefix("__Host-cloakroom-login-"))
        #expect(name.count == "__Host-cloakroom-login-".count + 16)
    }

    @Test("CB-01 Another attempt's cookie, a guessed state, another cookie name open nothing")
    func bound() throws {
        let (mine, other) = (try attempt(), try attempt())
        let value = try seal(mine)
        #expect(open(value, other.state) == nil)
        #expect(open(value, "") == nil)
        #expect(open(value, mine.state, cookie: "other") == nil)
        #expect(open(try seal(other), mine.state) == nil)
    }

    @Test("An attempt is none when it is too old, or from the future", arguments: [
        (939, false), (940, true), (1_599, true), (1_600, false), (.max, false), (.min, false),
    ] as [(Int64, Bool)])
    func age(_ now: Int64, _ opens: Bool) throws {
        let attempt = try attempt()
        #expect((open(try seal(attempt), attempt.state, now: now) != nil) == opens)
    }

    @Test("The ring rotates under attempts too")
    func rotation() throws {
        let attempt = try attempt()
        let value = try seal(attempt)
        let rotated = KeyRing(current: ringKey("k2", 2), others: [ringKey("k1", 1)])
        #expect(open(value, attempt.state, ring: rotated) == attempt)
        #expect(open(value, attempt.state, ring: KeyRing(current: ringKey("k2", 2))) == nil)
        #expect(open(value, attempt.state, ring: KeyRing(current: ringKey("k1", 2))) == nil)
    }

    @Test("COK-13 A login cookie is no session, a session is no login cookie")
    func purpose() throws {
        let attempt = try attempt()
        let value = try seal(attempt)
        #expect(SessionTicket(cookieValue: value) == nil)
        let ticket = try #require(SessionTicket.make(random))
        let bytes = try #require(Base64URL.decode(value))
        #expect(SessionSeal.open(bytes, ticket: ticket, generation: 1, ring: ring) == nil)
        let session = try #require(
            SessionSeal.seal(
                contents(), ticket: ticket, generation: 1, ring: ring, random: random))
        #expect(open(Base64URL.encode(session), attempt.state) == nil)
        #expect(open(ticket.cookieValue, attempt.state) == nil)
    }

    @Test("No changed character opens")
    func tampering() throws {
        let attempt = try attempt()
        let value = try seal(attempt)
        for index in value.bytes.indices {
            var changed = value
            changed.bytes[index] = value.bytes[index] == 0x41 ? 0x42 : 0x41
            #expect(open(changed, attempt.state) == nil, "character \(index)")
        }
    }

    @Test("COK-05 A value that a browser might drop is not made")
    func size() throws {
        let fitting = try attempt(returnTo: ByteString([UInt8](repeating: 0x61, count: 2_300)))
        #expect(try seal(fitting).count <= AttemptCookie.limit)
        let long = try attempt(returnTo: ByteString([UInt8](repeating: 0x61, count: 2_400)))
        let value = AttemptCookie.seal(
            long, sessionCookie: Self.cookie, ring: ring, random: random)
        #expect(value == nil)
    }

    @Test("The store's name for a spent state is not the state, nor the cookie's name")
    func stateKey() throws {
        let attempt = try attempt()
        let key = try #require(attempt.stateKey)
        #expect(key == LoginAttempt.stateKey(attempt.state))
        #expect(key.bytes != Base64URL.decode(attempt.state))
        let name = AttemptCookie.name(sessionCookie: "", state: attempt.state)
        #expect(!name.string.contains(Base64URL.encode(key.bytes).string.prefix(16)))
    }

    @Test("An attempt shows nothing when it is printed")
    func silence() throws {
        let attempt = try attempt()
        var text = ""
        dump(attempt, to: &text)
        let shown = "\(attempt)" + String(reflecting: attempt) + text
        for secret in [attempt.state, attempt.nonce, attempt.verifier] {
            #expect(!shown.contains(secret.string))
        }
    }
}
