import Locks

/// What other threads have for one thread to do, in order and bounded.
final class Mailbox<Item: Sendable>: Sendable {
    private struct Contents {
        var items: [Item] = []
        var isRefusing = false
        var isFinishing = false
        var isClosed = false
    }

    enum Receipt: Hashable, Sendable { case accepted, full, closed }

    private let contents = Locked(Contents())
    private let capacity: Int
    private let wake: @Sendable () -> Void

    /// - Parameter wake: called after something came into an empty box, with no lock held; what it
    ///   does must not be lost on a thread that is not waiting yet.
    init(capacity: Int, wake: @escaping @Sendable () -> Void) {
        self.capacity = capacity
        self.wake = wake
    }

    func post(_ item: Item) -> Receipt {
        let (receipt, wasEmpty) = contents.withLock { contents -> (Receipt, Bool) in
            if contents.isClosed || contents.isRefusing { return (.closed, false) }
            if contents.items.count >= capacity { return (.full, false) }
            contents.items.append(item)
            return (.accepted, contents.items.count == 1)
        }
        if wasEmpty { wake() }
        return receipt
    }

    /// All there is, perhaps nothing; nil once the box has been finished and is empty, or closed:
    /// nothing will come any more.
    func takeAll() -> [Item]? {
        contents.withLock { contents in
            if contents.isFinishing, contents.items.isEmpty { contents.isClosed = true }
            if contents.isClosed, contents.items.isEmpty { return nil }
            defer { contents.items = [] }
            return contents.items
        }
    }

    /// Takes nothing more from now on; the reader goes on.
    func refuse() { contents.withLock { $0.isRefusing = true } }

    /// Takes nothing more; the reader ends when it has what lies there.
    func close() {
        contents.withLock { $0.isClosed = true }
        wake()
    }

    /// Closes itself when its reader first finds it empty: the answers to its last items may
    /// still ask for more.
    func finish() {
        contents.withLock { $0.isFinishing = true }
        wake()
    }
}
