import Sessions
import Testing

@Suite("Both stores lend the right to refresh alike")
struct RefreshLeaseTests {
    private func fixture(_ kind: StoreFixture.Kind) throws -> (StoreFixture, SessionRow) {
        let fixture = try StoreFixture(kind)
        _ = try fixture.perform(.create(session(1), replacing: nil))
        return (fixture, session(1))
    }

    @Test("REF-03 While a lease runs, nobody else gets one", arguments: StoreFixture.Kind.allCases)
    func exclusive(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let granted = try fixture.begin(row.key)
        let stamp = fixture.board.stamp(of: row.key)
        #expect(granted == .granted(Lease(epoch: 1, presentation: 1), row, stamp: stamp))
        #expect(try fixture.begin(row.key, owner: 2) == .leased(remaining: 5_000))
        fixture.leaseTime += 4_999
        #expect(try fixture.begin(row.key, owner: 2) == .leased(remaining: 1))
        #expect(try fixture.begin(key(9)) == .gone)
    }

    @Test(
        "A lease whose time is over is taken over, under a higher epoch and a counted intent",
        arguments: StoreFixture.Kind.allCases)
    func takeOver(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        _ = try fixture.lease(row.key)
        fixture.leaseTime += 5_000
        let second = try fixture.lease(row.key, owner: 2)
        #expect(second == Lease(epoch: 2, presentation: 2))
    }

    @Test(
        "REF-05 A token of unknown fate is presented no more often than allowed",
        arguments: StoreFixture.Kind.allCases)
    func exhausted(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        for _ in 1...2 {
            _ = try fixture.lease(row.key)
            fixture.leaseTime += 5_000
        }
        #expect(try fixture.begin(row.key, owner: 3) == .exhausted)
        #expect(try fixture.begin(row.key, owner: 3) == .exhausted)
        let third = try fixture.begin(row.key, owner: 3, presentations: 3)
        guard case .granted(let lease, _, _) = third else {
            Issue.record("\(third)")
            return
        }
        #expect(lease == Lease(epoch: 3, presentation: 3), "a refusal must write nothing")
    }

    @Test(
        "A commit stores the new contents once, and frees the session",
        arguments: StoreFixture.Kind.allCases)
    func commit(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let lease = try fixture.lease(row.key)
        let before = fixture.board.stamp(of: row.key)
        let commit = StoreCommand.commitRefresh(
            row.key, epoch: lease.epoch, sealed: [4, 5], absoluteExpiry: 6_000)
        #expect(try fixture.perform(commit) == .done)
        var expected = row
        expected.generation = 2
        expected.sealed = [4, 5]
        expected.absoluteExpiry = 6_000
        #expect(try fixture.row(row.key) == expected)
        let after = fixture.board.stamp(of: row.key)
        #expect(after != before && after.isMultiple(of: 2))
        #expect(try fixture.perform(commit) == .superseded)
        let loser = try fixture.begin(row.key, generation: 1, owner: 2)
        #expect(loser == .newer(expected, stamp: after))
        let next = try fixture.lease(row.key, owner: 2, generation: 2)
        #expect(next == Lease(epoch: 2, presentation: 1), "the epoch must never go back")
    }

    @Test(
        "A late commit counts as long as nobody has taken over",
        arguments: StoreFixture.Kind.allCases)
    func lateCommit(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let lease = try fixture.lease(row.key)
        fixture.leaseTime += 60_000
        let commit = StoreCommand.commitRefresh(
            row.key, epoch: lease.epoch, sealed: [4], absoluteExpiry: 5_000)
        #expect(try fixture.perform(commit) == .done)
    }

    @Test(
        "Whoever was taken over can write no more",
        arguments: StoreFixture.Kind.allCases)
    func fencing(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let old = try fixture.lease(row.key)
        fixture.leaseTime += 5_000
        let new = try fixture.lease(row.key, owner: 2)
        let late: [StoreCommand] = [
            .commitRefresh(row.key, epoch: old.epoch, sealed: [6], absoluteExpiry: 9_000),
            .abandonRefresh(row.key, epoch: old.epoch, wasPresented: false),
            .refuseRefresh(row.key, epoch: old.epoch),
        ]
        for command in late { #expect(try fixture.perform(command) == .superseded) }
        #expect(try fixture.row(row.key) == row)
        #expect(try fixture.begin(row.key, owner: 3) == .leased(remaining: 5_000))
        let commit = StoreCommand.commitRefresh(
            row.key, epoch: new.epoch, sealed: [7], absoluteExpiry: 5_000)
        #expect(try fixture.perform(commit) == .done)
    }

    @Test(
        "A lease given back can be taken at once; the intent stays where the token was presented",
        arguments: StoreFixture.Kind.allCases, [true, false])
    func abandon(_ kind: StoreFixture.Kind, _ wasPresented: Bool) throws {
        let (fixture, row) = try fixture(kind)
        let lease = try fixture.lease(row.key)
        let back = StoreCommand.abandonRefresh(
            row.key, epoch: lease.epoch, wasPresented: wasPresented)
        #expect(try fixture.perform(back) == .done)
        #expect(try fixture.perform(back) == .superseded)
        let next = try fixture.lease(row.key, owner: 2)
        #expect(next == Lease(epoch: 2, presentation: wasPresented ? 2 : 1))
    }

    @Test(
        "An owner that lost the answer gets its lease again, as another presentation",
        arguments: StoreFixture.Kind.allCases)
    func sameOwner(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        _ = try fixture.lease(row.key)
        #expect(try fixture.lease(row.key) == Lease(epoch: 2, presentation: 2))
    }

    @Test("A refusal by the provider ends the session", arguments: StoreFixture.Kind.allCases)
    func refuse(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let lease = try fixture.lease(row.key)
        let before = fixture.board.stamp(of: row.key)
        #expect(try fixture.perform(.refuseRefresh(row.key, epoch: lease.epoch)) == .done)
        #expect(try fixture.row(row.key) == nil)
        #expect(fixture.board.stamp(of: row.key) != before)
        #expect(try fixture.perform(.refuseRefresh(row.key, epoch: lease.epoch)) == .gone)
    }

    @Test("REF-10 A logout during a refresh wins", arguments: StoreFixture.Kind.allCases)
    func logoutWins(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let lease = try fixture.lease(row.key)
        let before = fixture.board.stamp(of: row.key)
        #expect(try fixture.perform(.end(row.key)) == .ended(row))
        #expect(fixture.board.stamp(of: row.key) != before)
        let commit = StoreCommand.commitRefresh(
            row.key, epoch: lease.epoch, sealed: [4], absoluteExpiry: 5_000)
        #expect(try fixture.perform(commit) == .gone)
        let back = StoreCommand.abandonRefresh(row.key, epoch: lease.epoch, wasPresented: true)
        #expect(try fixture.perform(back) == .gone)
        #expect(try fixture.row(row.key) == nil)
    }

    @Test(
        "A lease moves no stamp: what others remember of the row is still true",
        arguments: StoreFixture.Kind.allCases)
    func quietStamps(_ kind: StoreFixture.Kind) throws {
        let (fixture, row) = try fixture(kind)
        let before = fixture.board.stamp(of: row.key)
        let lease = try fixture.lease(row.key)
        _ = try fixture.perform(
            .abandonRefresh(row.key, epoch: lease.epoch, wasPresented: false))
        _ = try fixture.perform(.touch(row.key, idleExpiry: 3_000))
        #expect(fixture.board.stamp(of: row.key) == before)
        guard case .row(_, let stamp) = try fixture.perform(.read(row.key, now: 100)) else {
            Issue.record("the row is gone")
            return
        }
        #expect(stamp == before)
    }
}
