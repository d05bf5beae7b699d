import Encodings
import Foundation
import SQLiteStore
import Sessions
import Testing

/// Needs root, to mount a file system of its own.
@Suite("A SQLite store on a disk that is full or read-only", .enabled(if: geteuid() == 0))
struct SmallDiskTests {
    private final class Disk {
        let directory: TemporaryDirectory
        init(kilobytes: Int) throws {
            directory = try TemporaryDirectory()
            try mount("-t", "tmpfs", "-o", "size=\(kilobytes)k", "cloakroom-test", directory.path)
        }
        func makeReadOnly() throws { try mount("-o", "remount,ro", directory.path) }
        deinit { _ = try? Command.run("/bin/umount", ["-l", directory.path]) }

        private func mount(_ arguments: String...) throws {
            #expect(try Command.run("/bin/mount", arguments) == 0)
        }
    }

    @Test("A full disk fails the write, clearly, and harms nothing that is stored")
    func full() throws {
        let disk = try Disk(kilobytes: 1_500)
        let path = disk.directory.file("sessions.db")
        let store = try SQLiteStore(path: path)
        var stored: [SessionRow] = []
        var failure: StoreFailure?
        for number in 1...200 where failure == nil {
            let row = session(UInt8(number), sealed: [UInt8](repeating: 5, count: 20_000))
            do throws(StoreFailure) {
                _ = try store.perform(.create(row, replacing: nil))
                stored.append(row)
            } catch {
                failure = error
            }
        }
        let seen = try #require(failure)
        #expect(seen.kind == .unusable)
        #expect(seen.detail.hasPrefix(path))
        #expect(seen.detail.string.contains("full"))
        #expect(!stored.isEmpty)
        for row in stored {
            guard case .row(let found, let stamp) = try store.perform(.read(row.key, now: 1)) else {
                Issue.record("a row is gone")
                return
            }
            #expect(found == row)
            #expect(stamp.isMultiple(of: 2))
        }
        let again = try SQLiteStore(path: path)
        let first = try #require(stored.first)
        let stamp = again.board.stamp(of: first.key)
        #expect(try again.perform(.read(first.key, now: 1)) == .row(first, stamp: stamp))
    }

    @Test("A full disk leaves the stamps even: nothing has changed")
    func fullDuringChange() throws {
        let disk = try Disk(kilobytes: 1_500)
        let store = try SQLiteStore(path: disk.directory.file("sessions.db"))
        _ = try store.perform(.create(session(1), replacing: nil))
        let large = [UInt8](repeating: 5, count: 2_000_000)
        let begin = StoreCommand.beginRefresh(
            session(1).key, generation: 1, owner: 1, leaseMilliseconds: 5_000, presentations: 2,
            now: 1)
        _ = try store.perform(begin)
        let commit = StoreCommand.commitRefresh(
            session(1).key, epoch: 1, sealed: large, absoluteExpiry: 5_000)
        #expect(throws: StoreFailure.self) { try store.perform(commit) }
        #expect(store.board.stamp(of: session(1).key).isMultiple(of: 2))
        let small = StoreCommand.commitRefresh(
            session(1).key, epoch: 1, sealed: [1], absoluteExpiry: 5_000)
        #expect(try store.perform(small) == .done, "the commit can be tried again")
    }

    @Test("No room for the stamps is found when the store is opened, not by a signal later")
    func noRoomForStamps() throws {
        let disk = try Disk(kilobytes: 300)
        let failure = #expect(throws: StoreFailure.self) {
            try SQLiteStore(path: disk.directory.file("sessions.db"))
        }
        #expect(failure?.kind == .unusable)
        #expect(failure?.detail.string.contains("-stamps") == true)
        #expect(failure?.detail.string.contains("No space left") == true)
    }

    @Test("A read-only database is reported when it is opened")
    func readOnly() throws {
        let disk = try Disk(kilobytes: 2_000)
        let path = disk.directory.file("sessions.db")
        _ = try SQLiteStore(path: path)
        try disk.makeReadOnly()
        let failure = #expect(throws: StoreFailure.self) { try SQLiteStore(path: path) }
        #expect(failure?.kind == .unusable)
        #expect(failure?.detail == path + ": may not be written")
        let other = disk.directory.file("other.db")
        let none = #expect(throws: StoreFailure.self) { try SQLiteStore(path: other) }
        #expect(none?.detail.string.contains("Read-only file system") == true)
    }
}
