import MemoryStore
import Sessions
import Testing

@Suite("A memory store's state is a value")
struct MemoryTableTests {
    @Test("A table put back is as it was, stamps included")
    func snapshot() throws {
        let store = MemoryStore { 0 }
        _ = try store.perform(.create(session(1), replacing: nil))
        let saved = store.table
        let stamp = store.board.stamp(of: session(1).key)
        _ = try store.perform(.end(session(1).key))
        #expect(store.table != saved)
        #expect(store.board.stamp(of: session(1).key) != stamp)
        store.table = saved
        #expect(store.board.stamp(of: session(1).key) == stamp)
        #expect(try store.perform(.end(session(1).key)) == .ended(session(1)))
    }

    @Test("Tables that were told the same are equal, whatever the order of their dictionaries")
    func determinism() {
        func run() -> MemoryTable {
            var table = MemoryTable()
            for number in 1...40 {
                let row = session(UInt8(number), idle: Int64(number % 3))
                _ = table.perform(.create(row, replacing: nil), milliseconds: 0)
                let spend = StoreCommand.spend(state: key(UInt8(number)), expiry: 5)
                _ = table.perform(spend, milliseconds: 0)
            }
            _ = table.perform(.sweep(now: 10, limit: 47), milliseconds: 0)
            return table
        }
        #expect(run() == run())
    }
}
