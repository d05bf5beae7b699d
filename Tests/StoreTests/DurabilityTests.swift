import Encodings
import SQLiteStore
import Sessions
import Testing

@Suite("What must outlive a power cut is on the disk before the answer", .serialized)
struct DurabilityTests {
    private let directory: TemporaryDirectory
    private let store: SQLiteStore

    init() throws {
        let directory = try TemporaryDirectory()
        self.directory = directory
        store = try SyncCounter.watching {
            try SQLiteStore(path: directory.file(SyncCounter.mark + ".db"))
        }
    }

    /// How often the command has something synchronised with the disk.
    private func synchronisations(_ command: StoreCommand) throws -> Int {
        let before = SyncCounter.count
        _ = try store.perform(command)
        return SyncCounter.count - before
    }

    @Test("REF-04 CB-01 A login, a refresh's intent and its end, a logout are synchronised")
    func durable() throws {
        let row = session(1)
        #expect(try synchronisations(.create(row, replacing: nil)) > 0)
        let intent = StoreCommand.beginRefresh(
            row.key, generation: 1, owner: 1, leaseMilliseconds: 5_000, presentations: 2, now: 100)
        #expect(try synchronisations(intent) > 0)
        let end = StoreCommand.commitRefresh(
            row.key, epoch: 1, sealed: [1], absoluteExpiry: row.absoluteExpiry)
        #expect(try synchronisations(end) > 0)
        #expect(try synchronisations(.spend(state: key(7), expiry: 1_000)) > 0)
        #expect(try synchronisations(.end(row.key)) > 0)
    }

    @Test("What may be lost costs no wait for the disk")
    func quick() throws {
        let row = session(1)
        _ = try store.perform(.create(row, replacing: nil))
        #expect(try synchronisations(.touch(row.key, idleExpiry: 2_000)) == 0)
        #expect(try synchronisations(.read(row.key, now: 100)) == 0)
    }
}
