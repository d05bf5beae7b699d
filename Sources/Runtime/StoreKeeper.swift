import Configuration
import Encodings
import Engine
import MemoryStore
import Observability
import SQLiteStore
import Sessions

/// Opens the store, opens it anew after a failure that this may cure, and says so once.
///
/// Lives on the store thread.
final class StoreKeeper {
    private let location: StoreLocation
    private let room: EngineRoom
    private var store: (any SessionStore)?
    /// Why there is no store.
    private var failure = StoreFailure(.unavailable, detail: "not open yet")
    /// No opening before.
    private var notBefore = Int64.min
    private var retryPause = shortestPause
    private var reported: StoreFailure?

    /// Milliseconds between openings that fail, growing, and between those that succeed.
    private static let shortestPause: Int64 = 100
    private static let longestPause: Int64 = 10_000
    private static let pauseAfterOpening: Int64 = 1_000

    init(_ location: StoreLocation, _ room: EngineRoom) {
        self.location = location
        self.room = room
    }

    /// Milliseconds until something is due.
    func pause(_ now: Int64) -> Int64 {
        store == nil ? max(0, notBefore &- now) : 60_000
    }

    func openIfMissing(_ now: Int64) {
        if store == nil { open(now) }
    }

    func answer(_ command: StoreCommand) -> Input {
        guard let store else { return .noReply(failure) }
        do throws(StoreFailure) {
            let reply = try store.perform(command)
            // A full disk can still be read: that says nothing.
            if case .read = command {} else { reportRecovery() }
            return .reply(reply)
        } catch {
            report(error)
            if error.kind == .unusable { open(SystemClock.monotonic) }
            return .noReply(error)
        }
    }

    // MARK: Opening

    /// Where a store that failed can be opened anew, it was the disk, say, and the new one goes on
    /// as far as it can; where not, it is gone, and what is remembered of it must not be served.
    private func open(_ now: Int64) {
        guard now >= notBefore else { return }
        do throws(StoreFailure) {
            let wasMissing = store == nil
            let (opened, board) = try Self.open(location)
            store = opened
            room.stamps.set(board)
            retryPause = Self.shortestPause
            notBefore = now &+ Self.pauseAfterOpening
            if wasMissing { reportRecovery() }
        } catch {
            store = nil
            room.stamps.set(nil)
            failure = error
            notBefore = now &+ retryPause
            retryPause = min(retryPause &* 2, Self.longestPause)
            report(error)
        }
    }

    private static func open(
        _ location: StoreLocation
    ) throws(StoreFailure) -> (any SessionStore, any StampBoard) {
        switch location {
        case .memory:
            let store = MemoryStore { SystemClock.monotonic }
            return (store, store.board)
        case .sqlite(let path):
            let store = try SQLiteStore(path: path)
            return (store, store.board)
        }
    }

    // MARK: The log

    private func reportRecovery() {
        guard reported != nil else { return }
        reported = nil
        room.log(.warning, "session store: works again")
    }

    private func report(_ failure: StoreFailure) {
        guard reported != failure else { return }
        reported = failure
        let isUnusable = failure.kind == .unusable
        let kind: ByteString = isUnusable ? "unusable" : "unavailable"
        // What is merely locked comes back by itself; one that is open serves what it has read.
        let level: LogLevel = isUnusable && store == nil ? .emergency : .error
        room.log(level, "session store \(kind): \(failure.detail)")
    }
}
