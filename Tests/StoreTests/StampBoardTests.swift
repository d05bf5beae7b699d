import Encodings
import Foundation
import SQLiteStore
import Sessions
import Synchronization
import Testing

@Suite("The stamps tell every process when a session has changed")
struct StampBoardTests {
    private let directory: TemporaryDirectory
    private let path: ByteString

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("sessions.db")
    }

    private func open() throws -> SQLiteStore { try SQLiteStore(path: path) }

    private func stamp(_ store: SQLiteStore) -> UInt64 { store.board.stamp(of: session(1).key) }

    private func read(_ store: SQLiteStore) throws -> StoreReply {
        try store.perform(.read(session(1).key, now: 1))
    }

    @Test("A logout in one store is seen on the board of another, without a read")
    func shared() throws {
        let (here, there) = (try open(), try open())
        let start = stamp(here)
        _ = try here.perform(.create(session(1), replacing: nil))
        #expect(try read(there) == .row(session(1), stamp: start))
        _ = try here.perform(.end(session(1).key))
        #expect(stamp(there) == start &+ 2)
        #expect(stamp(here) == start &+ 2)
    }

    @Test("A write under way, or cut off, reads as odd until the next writer repairs it")
    func repair() throws {
        let (here, there) = (try open(), try open())
        _ = try here.perform(.create(session(1), replacing: nil))
        let start = stamp(there)
        _ = here.board.begin([session(1).key])
        #expect(stamp(there) == start &+ 1)
        #expect(!stamp(there).isMultiple(of: 2))
        #expect(try read(there) == .row(session(1), stamp: start &+ 1))
        _ = try there.perform(.spend(state: key(1), expiry: 1))
        #expect(stamp(there) == start &+ 2, "even, and not what it was")
        #expect(try read(there) == .row(session(1), stamp: start &+ 2))
    }

    @Test("A finisher that comes late does not undo the next writer's stamps")
    func lateFinish() throws {
        let store = try open()
        let (board, start) = (store.board, stamp(store))
        let first = board.begin([session(1).key])
        board.repair()
        #expect(stamp(store) == start &+ 2)
        let second = board.begin([session(1).key])
        board.finish(first)
        #expect(stamp(store) == start &+ 3, "the second write is still under way")
        board.repair()
        #expect(stamp(store) == start &+ 4)
        board.finish(second)
        #expect(stamp(store).isMultiple(of: 2))
    }

    @Test("A process killed between its odd stamp and its commit loses its write, nothing else")
    func killed() throws {
        let store = try open()
        _ = try store.perform(.create(session(1), replacing: nil))
        let start = stamp(store)
        // The child does what a writer does up to the commit; it knows the page by numbers.
        let slot = Int(session(1).key.words.3 & 0xFFFF)
        let child = try Command.start(
            "/usr/bin/python3",
            [
                "-c",
                """
                import sqlite3, sys, time, mmap, struct
                db = sqlite3.connect(sys.argv[1], isolation_level=None)
                db.execute("begin immediate")
                file = open(sys.argv[1] + "-stamps", "r+b")
                page = mmap.mmap(file.fileno(), 0)
                for word in 3 * 8, 4096 + 8 * \(slot):
                    value, = struct.unpack_from("<Q", page, word)
                    struct.pack_into("<Q", page, word, value + 1)
                db.execute("delete from session")
                print("ready", flush=True)
                time.sleep(60)
                """, path.string,
            ])
        #expect(child.line() == "ready")
        #expect(stamp(store) == start &+ 1)
        #expect(try read(store) == .row(session(1), stamp: start &+ 1))
        child.kill()
        #expect(try read(store) == .row(session(1), stamp: start &+ 1))
        _ = try store.perform(.touch(session(1).key, idleExpiry: 1))
        #expect(try read(store) == .row(session(1), stamp: start &+ 2))
    }

    @Test("Stamps of another database are claimed, and every one of them changes")
    func claimed() throws {
        let other = try SQLiteStore(path: directory.file("other.db"))
        let start = stamp(other)
        try FileManager.default.moveItem(
            atPath: directory.path + "/other.db-stamps", toPath: path.string + "-stamps")
        let store = try open()
        #expect(stamp(store) != start)
        #expect(stamp(other) == stamp(store), "whoever has the page still mapped must see it")
        #expect(stamp(try open()) == stamp(store), "claimed once")
    }

    @Test("A stamp file that was cut short is made whole, and trusted no more")
    func cutShort() throws {
        let start = stamp(try open())
        let whole = try directory.contents("sessions.db-stamps")
        try directory.write(whole.prefix(5_000), to: "sessions.db-stamps")
        let store = try open()
        #expect(try directory.contents("sessions.db-stamps").count == whole.count)
        #expect(stamp(store) != start)
        #expect(stamp(store) != 0)
    }

    @Test("A file of that name that is not ours is left as it is")
    func foreign() throws {
        try directory.write("precious".utf8, to: "sessions.db-stamps")
        let failure = #expect(throws: StoreFailure.self) { try open() }
        #expect(failure?.kind == .unusable)
        #expect(failure?.detail.string.contains("is not a stamp file") == true)
        #expect(try directory.contents("sessions.db-stamps").starts(with: "precious".utf8))
    }

    @Test("What a worker believes to remember is never older than a finished write")
    func neverStale() throws {
        let writer = try open()
        _ = try writer.perform(.create(session(1), replacing: nil))
        let finished = Atomic<UInt64>(1)
        let isDone = Atomic<Bool>(false)
        let path = path
        let believed = Mutex<(trusted: Int, stale: Int)>((0, 0))
        let readers = (0..<2).map { _ in
            Thread {
                guard let store = try? SQLiteStore(path: path) else { return }
                var memory: (generation: UInt64, stamp: UInt64)?
                while !isDone.load(ordering: .acquiring) {
                    let newest = finished.load(ordering: .sequentiallyConsistent)
                    let stamp = store.board.stamp(of: session(1).key)
                    if let memory, memory.stamp == stamp, stamp.isMultiple(of: 2) {
                        believed.withLock {
                            $0.trusted += 1
                            $0.stale += memory.generation < newest ? 1 : 0
                        }
                    } else if case .row(let row, let stamp) = try? store.perform(
                        .read(session(1).key, now: 1))
                    {
                        memory = (row.generation, stamp)
                    }
                }
            }
        }
        readers.forEach { $0.start() }
        for _ in 0..<10_000 where believed.withLock({ $0.trusted }) == 0 { usleep(1_000) }
        for generation in UInt64(1)...150 {
            let begin = StoreCommand.beginRefresh(
                session(1).key, generation: generation, owner: 1, leaseMilliseconds: 5_000,
                presentations: 9, now: 1)
            guard case .granted(let lease, _, _) = try writer.perform(begin) else {
                Issue.record("no lease")
                break
            }
            let commit = StoreCommand.commitRefresh(
                session(1).key, epoch: lease.epoch, sealed: [1], absoluteExpiry: 5_000)
            #expect(try writer.perform(commit) == .done)
            finished.store(generation + 1, ordering: .sequentiallyConsistent)
        }
        isDone.store(true, ordering: .releasing)
        while readers.contains(where: { !$0.isFinished }) { usleep(1_000) }
        let seen = believed.withLock { $0 }
        #expect(seen.trusted > 0)
        #expect(seen.stale == 0)
    }
}
