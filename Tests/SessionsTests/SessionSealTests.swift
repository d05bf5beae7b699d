import Cryptography
import Encodings
import Sessions
import Testing

@Suite("A session opens with ticket, key ring and row together")
struct SessionSealTests {
    private let random = CountingRandom()

    private func ticket() throws -> SessionTicket { try #require(SessionTicket.make(random)) }

    private func seal(
        _ contents: SessionContents = contents(), _ ticket: SessionTicket, generation: UInt64 = 1,
        ring: KeyRing = ring
    ) throws -> [UInt8] {
        try #require(
            SessionSeal.seal(
                contents, ticket: ticket, generation: generation, ring: ring, random: random))
    }

    @Test("What was sealed opens as it was")
    func roundTrip() throws {
        let ticket = try ticket()
        var bare = contents()
        (bare.authTime, bare.scope, bare.refreshToken, bare.isUnverified) = (nil, nil, nil, true)
        bare.idClaims = JSONObject()
        bare.accessToken = Secret([0, 0xFF])
        bare.accessExpiry = .min
        for contents in [contents(), bare] {
            let sealed = try seal(contents, ticket)
            let opened = SessionSeal.open(sealed, ticket: ticket, generation: 1, ring: ring)
            #expect(opened == contents)
        }
    }

    @Test("Without randomness nothing is sealed")
    func noRandom() throws {
        let sealed = SessionSeal.seal(
            contents(), ticket: try ticket(), generation: 1, ring: ring, random: NoRandom())
        #expect(sealed == nil)
    }

    @Test("COK-17 Contents of another session, or of an earlier generation, do not open")
    func bound() throws {
        let (mine, other) = (try ticket(), try ticket())
        let sealed = try seal(contents(), mine)
        #expect(SessionSeal.open(sealed, ticket: other, generation: 1, ring: ring) == nil)
        #expect(SessionSeal.open(sealed, ticket: mine, generation: 2, ring: ring) == nil)
    }

    @Test("Store and ticket do not open a session without the key")
    func keyNeeded() throws {
        let ticket = try ticket()
        let sealed = try seal(contents(), ticket)
        let forged = KeyRing(current: ringKey("k1", 2))
        #expect(SessionSeal.open(sealed, ticket: ticket, generation: 1, ring: forged) == nil)
    }

    /// Goes through the layout by hand, as a thief would.
    @Test("Store and key file do not open a session without the ticket")
    func ticketNeeded() throws {
        let ticket = try ticket()
        let sealed = try seal(contents(), ticket)
        let (salt, share, body) = (sealed[4..<36], sealed[36..<84], sealed[84...])
        func key(_ secret: [UInt8], _ purpose: String) throws -> [UInt8] {
            try #require(
                HKDF.sha256(key: secret, salt: Array(salt), info: Array(purpose.utf8), count: 32))
        }
        func open(_ text: ArraySlice<UInt8>, _ key: [UInt8]) -> [UInt8]? {
            AES256GCM.open(
                key: key, nonce: [UInt8](repeating: 0, count: 12), ciphertext: Array(text),
                additional: [0, 0, 0, 0, 0, 0, 0, 32] + ticket.rowKey.bytes
                    + [0, 0, 0, 0, 0, 0, 0, 1])
        }
        let ringKey = ring.current.secret.reveal().bytes
        let opened = try #require(open(share, try key(ringKey, "cloakroom session share 1")))
        let browser = try #require(ticket.browserKey)
        let contents = "cloakroom session contents 1"
        #expect(open(body, try key(opened + browser, contents)) != nil, "this is the way in")
        for guess in [opened, opened + ticket.rowKey.bytes, ringKey, opened + ringKey] {
            #expect(open(body, try key(guess, contents)) == nil)
        }
    }

    @Test("A rotated ring opens what the old key sealed; once the old key is gone, nothing does")
    func rotation() throws {
        let ticket = try ticket()
        let sealed = try seal(contents(), ticket)
        let rotated = KeyRing(current: ringKey("k2", 2), others: [ringKey("k1", 1)])
        let later = KeyRing(current: ringKey("k2", 2))
        let opened = SessionSeal.open(sealed, ticket: ticket, generation: 1, ring: rotated)
        #expect(opened == contents())
        #expect(SessionSeal.open(sealed, ticket: ticket, generation: 1, ring: later) == nil)
        let new = try seal(contents(), ticket, ring: rotated)
        #expect(SessionSeal.open(new, ticket: ticket, generation: 1, ring: later) == contents())
    }

    @Test("COK-17 Two seals of the same contents have nothing in common")
    func fresh() throws {
        let ticket = try ticket()
        let header = 4
        let (first, second) = (try seal(contents(), ticket), try seal(contents(), ticket))
        let same = zip(first, second).dropFirst(header).filter { $0 == $1 }.count
        #expect(first.count == second.count)
        #expect(same < first.count / 20)
    }

    @Test("No changed bit, no missing and no added byte opens")
    func tampering() throws {
        let ticket = try ticket()
        let sealed = try seal(contents(), ticket)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            let opened = SessionSeal.open(changed, ticket: ticket, generation: 1, ring: ring)
            #expect(opened == nil, "byte \(index)")
        }
        for count in 0..<sealed.count {
            let cut = Array(sealed.prefix(count))
            #expect(SessionSeal.open(cut, ticket: ticket, generation: 1, ring: ring) == nil)
        }
        #expect(SessionSeal.open(sealed + [0], ticket: ticket, generation: 1, ring: ring) == nil)
    }

    @Test("Nothing of the contents shows in the seal, nor in a print-out")
    func silence() throws {
        let sealed = ByteString(try seal(contents(), try ticket())).string
        var text = ""
        dump(contents(), to: &text)
        for canary in ["canary", "alice", "idp.example", "openid"] {
            #expect(!sealed.contains(canary))
            #expect(!("\(contents())" + String(reflecting: contents()) + text).contains(canary))
        }
    }
}

@Suite("Sessions are found without their cookie by keyed hashes")
struct IndexHashTests {
    @Test("A hash depends on issuer, name, kind and key, and on where the issuer ends")
    func distinct() {
        let key = ringKey("k1", 1)
        let hashes = [
            IndexHash.subject(issuer: "ab", subject: "c", key),
            IndexHash.subject(issuer: "a", subject: "bc", key),
            IndexHash.subject(issuer: "ab", subject: "d", key),
            IndexHash.providerSession(issuer: "ab", sessionID: "c", key),
            IndexHash.subject(issuer: "ab", subject: "c", ringKey("k1", 2)),
        ]
        #expect(Set(hashes).count == hashes.count)
        #expect(hashes.allSatisfy { $0.count == 32 })
        #expect(hashes[0] == IndexHash.subject(issuer: "ab", subject: "c", key))
    }
}
