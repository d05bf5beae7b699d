import Configuration
import Encodings
import Engine
import MemoryStore
import Observability
import SQLiteStore
import Sessions

/// Opens the store, opens it anew after a failure that a new opening may cure, and says so once.
///
/// Lives on the store thread.
final class StoreKeeper {
    private let location: StoreLocation
    private let room: EngineRoom
    private var store: (any SessionStore)?
    /// Why there is no store.
    private var failure = StoreFailure(.unavailable, detail: "not open yet")
    private var nextAttempt = Int64.min
    private var retryPause = shortestPause
    private var reported: StoreFailure?

    private static let shortestPause: Int64 = 100
    private static let longestPause: Int64 = 10_000

    init(_ location: StoreLocation, _ room: EngineRoom) {
        self.location = location
        self.room = room
    }

    /// Milliseconds until something is due.
    func pause(_ now: Int64) -> Int64 {
        store == nil ? max(0, nextAttempt &- now) : 60_000
    }

    func openIfDue(_ now: Int64) {
        guard store == nil, now >= nextAttempt else { return }
        do throws(StoreFailure) {
            let board: any StampBoard
            (store, board) = try Self.open(location)
            room.stamps.set(board)
            retryPause = Self.shortestPause
            if reported != nil { room.log(.warning, "session store: works again") }
            reported = nil
        } catch {
            fail(error, now)
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

    func answer(_ command: StoreCommand) -> Input {
        guard let store else { return .noReply(failure) }
        do throws(StoreFailure) {
            return .reply(try store.perform(command))
        } catch {
            switch error.kind {
            case .unavailable: report(error)
            case .unusable: fail(error, SystemClock.monotonic)
            }
            return .noReply(error)
        }
    }

    /// Whether the operator has cured an unusable store, only a new opening tells.
    private func fail(_ failure: StoreFailure, _ now: Int64) {
        store = nil
        room.stamps.set(nil)
        self.failure = failure
        nextAttempt = now &+ retryPause
        retryPause = min(retryPause &* 2, Self.longestPause)
        report(failure)
    }

    private func report(_ failure: StoreFailure) {
        guard reported != failure else { return }
        reported = failure
        let kind: ByteString = failure.kind == .unusable ? "unusable" : "unavailable"
        room.log(.error, "session store \(kind): \(failure.detail)")
    }
}
