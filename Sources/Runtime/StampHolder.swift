import Locks
import Sessions

/// The stamps of a store that may not be open yet, or no longer.
final class StampHolder: StampBoard {
    private let board = Locked<(any StampBoard)?>(nil)

    /// Odd while there is no board: whoever asks has to read the store, and hears what is wrong.
    func stamp(of key: RowKey) -> UInt64 { board.withLock { $0 }?.stamp(of: key) ?? 1 }

    func set(_ new: (any StampBoard)?) { board.withLock { $0 = new } }
}
