import Configuration
import Encodings
import Engine
import Sessions
import Synchronization

/// The thread of the session store, which may block on disk.
enum StoreThread {
    static func start(_ room: EngineRoom, _ location: StoreLocation) throws(RuntimeFailure)
        -> POSIXThread
    {
        try POSIXThread.start("cloakroom-db") { run(room, location) }
    }

    private static func run(_ room: EngineRoom, _ location: StoreLocation) {
        let keeper = StoreKeeper(location, room)
        while let posted = room.commands.takeAll() {
            if !isTooLate(room) { keeper.openIfMissing(SystemClock.monotonic) }
            for (ticket, command) in posted {
                // Asked anew each time: a command may wait seconds for another process's lock.
                room.resume(ticket, isTooLate(room) ? .noReply(tooLate) : keeper.answer(command))
            }
            if posted.isEmpty {
                room.wakers.store.wait(milliseconds: keeper.pause(SystemClock.monotonic))
            }
        }
        room.stamps.set(nil)
    }

    private static let tooLate = StoreFailure(.unavailable, detail: "shutting down")

    private static func isTooLate(_ room: EngineRoom) -> Bool {
        SystemClock.monotonic > room.storeDeadline.load(ordering: .relaxed)
    }
}
