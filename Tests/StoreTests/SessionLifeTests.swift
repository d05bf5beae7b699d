import Sessions
import Testing

@Suite("Both stores keep sessions alike")
struct SessionLifeTests {
    @Test("A session that was created is read as it was", arguments: StoreFixture.Kind.allCases)
    func create(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        let row = SessionRow(
            key: key(1), generation: .max, sealed: Array(0...255), idleExpiry: 1_000,
            absoluteExpiry: .max, subjectHash: [0], providerSessionHash: [])
        #expect(try fixture.perform(.create(row, replacing: nil)) == .done)
        #expect(try fixture.row(row.key) == row)
        #expect(try fixture.perform(.read(key(2), now: 100)) == .gone)
    }

    @Test("A key that exists is never overwritten", arguments: StoreFixture.Kind.allCases)
    func conflict(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        let (first, other) = (session(1), session(2))
        _ = try fixture.perform(.create(first, replacing: nil))
        _ = try fixture.perform(.create(other, replacing: nil))
        let second = session(1, sealed: [7])
        #expect(try fixture.perform(.create(second, replacing: other.key)) == .conflict)
        #expect(try fixture.row(first.key) == first)
        #expect(try fixture.row(other.key) == other, "a refused login must end nothing")
    }

    @Test(
        "SES-01 A new session ends the one it takes the place of",
        arguments: StoreFixture.Kind.allCases)
    func replacement(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        _ = try fixture.perform(.create(session(1), replacing: nil))
        let before = fixture.board.stamp(of: session(1).key)
        #expect(try fixture.perform(.create(session(2), replacing: session(1).key)) == .done)
        #expect(try fixture.row(session(1).key) == nil)
        #expect(fixture.board.stamp(of: session(1).key) != before)
        #expect(try fixture.perform(.create(session(3), replacing: key(77))) == .done)
    }

    @Test(
        "COK-11 Past either expiry a session is gone",
        arguments: StoreFixture.Kind.allCases, [(1_000, 5_000), (5_000, 1_000)] as [(Int64, Int64)])
    func expiry(_ kind: StoreFixture.Kind, _ expiries: (idle: Int64, absolute: Int64)) throws {
        let fixture = try StoreFixture(kind)
        let row = session(1, idle: expiries.idle, absolute: expiries.absolute)
        _ = try fixture.perform(.create(row, replacing: nil))
        #expect(try fixture.row(row.key, now: 999) == row)
        #expect(try fixture.row(row.key, now: 1_000) == nil)
        let begun = try fixture.perform(
            .beginRefresh(
                row.key, generation: 1, owner: 1, leaseMilliseconds: 5_000, presentations: 2,
                now: 1_000))
        #expect(begun == .gone)
    }

    @Test("A touch raises the idle expiry, never lowers it", arguments: StoreFixture.Kind.allCases)
    func touch(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        let row = session(1)
        _ = try fixture.perform(.create(row, replacing: nil))
        #expect(try fixture.perform(.touch(row.key, idleExpiry: 2_000)) == .done)
        #expect(try fixture.perform(.touch(row.key, idleExpiry: 1_500)) == .done)
        #expect(try fixture.row(row.key)?.idleExpiry == 2_000)
        #expect(try fixture.perform(.touch(key(9), idleExpiry: 2_000)) == .gone)
    }

    @Test("A logout gets the row it deleted", arguments: StoreFixture.Kind.allCases)
    func end(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        let row = session(1)
        _ = try fixture.perform(.create(row, replacing: nil))
        #expect(try fixture.perform(.end(row.key)) == .ended(row))
        #expect(try fixture.perform(.end(row.key)) == .gone)
        #expect(try fixture.row(row.key) == nil)
    }

    @Test("CB-01 A state is spent once", arguments: StoreFixture.Kind.allCases)
    func spend(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        #expect(try fixture.perform(.spend(state: key(1), expiry: 500)) == .done)
        #expect(try fixture.perform(.spend(state: key(1), expiry: 900)) == .spent)
        #expect(try fixture.perform(.spend(state: key(2), expiry: 500)) == .done)
        #expect(try fixture.perform(.sweep(now: 499, limit: 10)) == .swept(0))
        #expect(try fixture.perform(.spend(state: key(1), expiry: 900)) == .spent)
        #expect(try fixture.perform(.sweep(now: 500, limit: 10)) == .swept(2))
    }

    @Test(
        "A sweep deletes what is past, oldest first, no more than it may",
        arguments: StoreFixture.Kind.allCases)
    func sweep(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        for number in 1...5 {
            let row = session(UInt8(number), idle: 1_000 - Int64(number) * 10)
            _ = try fixture.perform(.create(row, replacing: nil))
        }
        _ = try fixture.perform(.create(session(6, idle: 9_000, absolute: 960), replacing: nil))
        _ = try fixture.perform(.spend(state: key(1), expiry: 100))
        _ = try fixture.perform(.create(session(7), replacing: nil))
        let before = fixture.board.stamp(of: session(5).key)
        #expect(try fixture.perform(.sweep(now: 990, limit: 2)) == .swept(2))
        #expect(try fixture.row(session(5).key) == nil)
        #expect(try fixture.row(session(4).key) == nil)
        #expect(try fixture.row(session(3).key) != nil)
        #expect(fixture.board.stamp(of: session(5).key) != before)
        #expect(try fixture.perform(.sweep(now: 990, limit: 100)) == .swept(5))
        #expect(try fixture.row(session(7).key) != nil)
        #expect(try fixture.perform(.sweep(now: 990, limit: 100)) == .swept(0))
    }
}
