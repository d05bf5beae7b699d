import SQLiteStore
import Sessions
import Testing

@Suite("Both stores keep documents of the engine's own alike")
struct KeptDocumentTests {
    @Test("KEY-16 A document is read as it was kept, with its age; a later one takes its place",
        arguments: StoreFixture.Kind.allCases)
    func keep(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        #expect(try fixture.perform(.readKept(key(1))) == .gone)
        #expect(try fixture.perform(.keep(key(1), sealed: Array(0...255), expiry: .max)) == .done)
        #expect(try fixture.perform(.keep(key(2), sealed: [], expiry: 5)) == .done)
        fixture.leaseTime += 1_500
        #expect(try fixture.perform(.readKept(key(1))) == .kept(Array(0...255), age: 1_500))
        #expect(try fixture.perform(.readKept(key(2))) == .kept([], age: 1_500))
        #expect(try fixture.perform(.keep(key(1), sealed: [7], expiry: 9)) == .done)
        #expect(try fixture.perform(.readKept(key(1))) == .kept([7], age: 0))
        #expect(try fixture.row(key(1)) == nil, "a document is no session")
    }

    @Test("COK-18 A sweep deletes documents past their time, and no more than it may",
        arguments: StoreFixture.Kind.allCases)
    func sweep(_ kind: StoreFixture.Kind) throws {
        let fixture = try StoreFixture(kind)
        for number in 1...4 as ClosedRange<UInt8> {
            _ = try fixture.perform(
                .keep(key(number), sealed: [number], expiry: Int64(number) * 100))
        }
        _ = try fixture.perform(.create(session(9, idle: 50), replacing: nil))
        _ = try fixture.perform(.spend(state: key(8), expiry: 50))
        #expect(try fixture.perform(.sweep(now: 300, limit: 3)) == .swept(3))
        #expect(try fixture.perform(.readKept(key(1))) == .gone)
        #expect(try fixture.perform(.readKept(key(2))) == .kept([2], age: 0))
        #expect(try fixture.perform(.sweep(now: 300, limit: 3)) == .swept(2))
        #expect(try fixture.perform(.readKept(key(3))) == .gone)
        #expect(try fixture.perform(.readKept(key(4))) == .kept([4], age: 0))
        #expect(try fixture.perform(.sweep(now: 300, limit: 3)) == .swept(0))
    }

    @Test("KEY-16 After a reboot the store knows no age, and says so")
    func reboot() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sessions.db")
        func store(_ boot: UInt8, _ time: Int64) throws -> SQLiteStore {
            try SQLiteStore(path: path, clock: LeaseClock(boot: [boot]) { time })
        }
        _ = try store(1, 1_000).perform(.keep(key(1), sealed: [1], expiry: .max))
        #expect(try store(1, 9_000).perform(.readKept(key(1))) == .kept([1], age: 8_000))
        #expect(try store(2, 9_000).perform(.readKept(key(1))) == .kept([1], age: nil))
    }
}
