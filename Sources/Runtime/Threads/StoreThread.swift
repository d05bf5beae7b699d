import Configuration
import Engine
import Sessions

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
            keeper.openIfMissing(SystemClock.monotonic)
            for (ticket, command) in posted { room.resume(ticket, keeper.answer(command)) }
            if posted.isEmpty {
                room.wakers.store.wait(milliseconds: keeper.pause(SystemClock.monotonic))
            }
        }
        room.stamps.set(nil)
    }
}
