/// What will happen, ordered by time; what is due at the same time happens in the order in which
/// it was entered.
struct Agenda {
    private struct Entry {
        let time: Int64
        let number: UInt64
        let act: () -> Void

        func comes(before other: Entry) -> Bool {
            (time, number) < (other.time, other.number)
        }
    }

    /// A binary heap, the earliest first.
    private var heap: [Entry] = []
    private var lastNumber: UInt64 = 0

    mutating func enter(at time: Int64, _ act: @escaping () -> Void) {
        lastNumber += 1
        heap.append(Entry(time: time, number: lastNumber, act: act))
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].comes(before: heap[parent]) else { break }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes out what comes first.
    mutating func next() -> (time: Int64, act: () -> Void)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.act)
    }

    mutating func clear() { heap = [] }

    private mutating func sink() {
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].comes(before: heap[least]) {
                least = child
            }
            guard least != index else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
