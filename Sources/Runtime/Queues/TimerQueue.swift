import Engine

/// Effects that are answered at a time, the earliest first; equal times in the order they came.
struct TimerQueue {
    private struct Entry {
        var at: Int64
        var number: UInt64
        var ticket: EffectTicket

        static func < (left: Self, right: Self) -> Bool {
            (left.at, left.number) < (right.at, right.number)
        }
    }

    /// A binary heap: the children of `i` are `2i + 1` and `2i + 2`.
    private var heap: [Entry] = []
    private var lastNumber: UInt64 = 0

    var earliest: Int64? { heap.first?.at }
    var count: Int { heap.count }

    mutating func add(_ ticket: EffectTicket, at time: Int64) {
        lastNumber &+= 1
        heap.append(Entry(at: time, number: lastNumber, ticket: ticket))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// Removes the earliest, if its time has come.
    mutating func popDue(_ now: Int64) -> EffectTicket? {
        guard let first = heap.first, first.at <= now, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first.ticket }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child] < heap[smallest] {
                smallest = child
            }
            guard smallest != parent else { return first.ticket }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
