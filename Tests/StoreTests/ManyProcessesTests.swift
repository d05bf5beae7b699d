import Encodings
import Foundation
import SQLiteStore
import Sessions
import Synchronization
import Testing

@Suite("Stores on one file act as one")
struct ManyProcessesTests {
    @Test("Stores that open a new file at the same time all get the same database")
    func openTogether() throws {
        let directory = try TemporaryDirectory()
        for round in 0..<20 {
            let path = directory.file("sessions-\(round).db")
            let failures = Mutex<[StoreFailure]>([])
            inThreads(4) { number in
                do throws(StoreFailure) {
                    let store = try SQLiteStore(path: path)
                    _ = try store.perform(.create(session(UInt8(number + 1)), replacing: nil))
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
            #expect(failures.withLock { $0 } == [])
            let store = try SQLiteStore(path: path)
            #expect(try store.perform(.sweep(now: .max, limit: 100)) == .swept(4))
        }
    }

    @Test("REF-03 Of all that ask for the lease at once, exactly one gets it")
    func oneLease() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sessions.db")
        let store = try SQLiteStore(path: path)
        let count = 20
        for number in 1...count {
            _ = try store.perform(.create(session(UInt8(number)), replacing: nil))
        }
        let granted = Mutex<[RowKey: Int]>([:])
        let others = Mutex<[StoreReply]>([])
        inThreads(4) { thread in
            guard let store = try? SQLiteStore(path: path) else { return }
            for number in 1...count {
                let key = session(UInt8(number)).key
                let begin = StoreCommand.beginRefresh(
                    key, generation: 1, owner: UInt64(thread), leaseMilliseconds: 60_000,
                    presentations: 2, now: 1)
                switch try? store.perform(begin) {
                case .granted: granted.withLock { $0[key, default: 0] += 1 }
                case .leased: break
                case let other?: others.withLock { $0.append(other) }
                case nil: break
                }
            }
        }
        #expect(granted.withLock { $0.count } == count)
        #expect(granted.withLock { $0.values.allSatisfy { $0 == 1 } })
        #expect(others.withLock { $0 } == [])
    }

    @Test("CB-01 Of all that spend one state at once, exactly one may send the code")
    func oneCode() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sessions.db")
        _ = try SQLiteStore(path: path)
        let first = Atomic<Int>(0)
        inThreads(4) { _ in
            guard let store = try? SQLiteStore(path: path) else { return }
            for number in 1...20 {
                let spend = StoreCommand.spend(state: key(UInt8(number)), expiry: 1_000)
                if try! store.perform(spend) == .done { first.add(1, ordering: .relaxed) }
            }
        }
        #expect(first.load(ordering: .relaxed) == 20)
    }

    @Test("A lease of an earlier boot is over: its owner is dead")
    func otherBoot() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sessions.db")
        func begin(_ boot: UInt8, at time: Int64) throws -> StoreReply {
            let store = try SQLiteStore(path: path, clock: LeaseClock(boot: [boot]) { time })
            _ = try store.perform(.create(session(1), replacing: nil))
            return try store.perform(
                .beginRefresh(
                    session(1).key, generation: 1, owner: UInt64(boot), leaseMilliseconds: 60_000,
                    presentations: 5, now: 1))
        }
        guard case .granted = try begin(1, at: 500_000) else {
            Issue.record("no lease")
            return
        }
        guard case .granted(let lease, _, _) = try begin(2, at: 10) else {
            Issue.record("the dead hold on")
            return
        }
        #expect(lease == Lease(epoch: 2, presentation: 2))
    }

    private func inThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in Thread { body(number) } }
        threads.forEach { $0.start() }
        while threads.contains(where: { !$0.isFinished }) { usleep(1_000) }
    }
}
