import Engine
import Locks
import Observability
import Synchronization

/// What the host fetches: decided requests and log lines, with the descriptor that announces them.
///
/// A request is handed to the host exactly once, by one of three ways: decided inside `start`,
/// returned by `next`, or waited for.  One that was cancelled is never handed out, however late its
/// decision comes.
final class RequestBoard: Sendable {
    private struct Contents: ~Copyable {
        var parked: [RequestID: RequestTicket] = [:]
        var decided = DecidedQueue()
        var lines: [LogLine] = []
        var droppedLines = 0
        var isClosed = false
        var descriptor: EventDescriptor
    }

    private let contents: Locked<Contents>
    let descriptor: Int32
    private let parkedLimit: Int
    /// Log lines that wait for the host; more are counted and dropped.
    private static let lineLimit = 1_000
    /// Asked without the lock: every request asks.
    private let hasLines = Atomic(false)

    init(parkedLimit: Int) throws(RuntimeFailure) {
        let descriptor = try EventDescriptor()
        self.descriptor = descriptor.number
        self.parkedLimit = parkedLimit
        contents = Locked(Contents(descriptor: descriptor))
    }

    // MARK: From the host

    enum Parking: Hashable, Sendable { case parked, full, closed }

    /// Before anyone can decide it.
    func park(_ request: RequestTicket) -> Parking {
        contents.withLock { contents in
            if contents.isClosed { return .closed }
            guard contents.parked.count < parkedLimit else { return .full }
            contents.parked[request.id] = request
            return .parked
        }
    }

    /// The host gets the request back from `start`: from now on a decision has to be fetched.
    func started(_ request: RequestTicket) {
        contents.withLock { _ in
            unsafe request.hasPended = request.decision == nil
            unsafe request.place = request.isPending ? .parked : .gone
        }
    }

    /// - Returns: nil where there is none; then, and only then, the descriptor is quiet again.
    func next() -> RequestTicket? {
        contents.withLock { contents in
            while let request = contents.decided.pop() {
                // Cancelled or waited for meanwhile.
                guard unsafe request.place == .queued else { continue }
                unsafe request.place = .gone
                return request
            }
            if !contents.isClosed { contents.descriptor.lower() }
            return nil
        }
    }

    /// - Returns: what to sleep on; nil where nothing is to be waited for.
    func reserve(_ request: RequestTicket) -> Event? {
        contents.withLock { contents in
            switch unsafe request.place {
            case .queued:
                unsafe request.place = .gone
                return nil
            case .parked, .awaited:
                unsafe request.place = .awaited
                guard request.decision == nil, !contents.isClosed else { return nil }
                let event = unsafe request.event ?? Event()
                unsafe request.event = event
                return event
            case .starting, .gone: return nil
            }
        }
    }

    /// - Returns: whether the request was undecided: then the engine has to forget it too.
    func cancel(_ request: RequestTicket) -> Bool {
        guard request.isPending else { return false }
        return contents.withLock { contents in
            unsafe request.place = .gone
            return contents.parked.removeValue(forKey: request.id) != nil
        }
    }

    var hasNews: Bool { hasLines.load(ordering: .relaxed) }

    func takeLines() -> [LogLine] {
        guard hasLines.load(ordering: .relaxed) else { return [] }
        return contents.withLock { contents in
            hasLines.store(false, ordering: .relaxed)
            var lines = contents.lines
            if contents.droppedLines > 0 {
                lines.append(LogLine(.warning, "\(contents.droppedLines) log lines were dropped"))
            }
            (contents.lines, contents.droppedLines) = ([], 0)
            return lines
        }
    }

    // MARK: From the engine

    func decide(_ id: RequestID, _ decision: Decision) {
        contents.withLock { contents in
            guard !contents.isClosed, let request = contents.parked.removeValue(forKey: id) else {
                return
            }
            request.settle(decision)
            switch unsafe request.place {
            case .parked:
                unsafe request.place = .queued
                contents.decided.push(request)
                contents.descriptor.raise()
            case .awaited: unsafe request.event?.happen()
            case .starting, .queued, .gone: break
            }
        }
    }

    /// For a line of level debug, of which there may be one for each request, the host is not
    /// woken: it comes with the host's next call.  Nor does it take the room of those that matter.
    func log(_ line: LogLine) {
        let isDebug = line.level == .debug
        contents.withLock { contents in
            guard contents.lines.count < (isDebug ? Self.lineLimit / 2 : Self.lineLimit) else {
                contents.droppedLines &+= 1
                return
            }
            contents.lines.append(line)
            hasLines.store(true, ordering: .relaxed)
            if !contents.isClosed, !isDebug { contents.descriptor.raise() }
        }
    }

    /// What is undecided stays so: a decision of an engine that ends would be about its end.
    func close() {
        contents.withLock { contents in
            contents.isClosed = true
            for request in contents.parked.values { unsafe request.event?.happen() }
            contents.parked = [:]
        }
    }
}

/// First in, first out.
struct DecidedQueue {
    private var incoming: [RequestTicket] = []
    private var outgoing: [RequestTicket] = []

    mutating func push(_ request: RequestTicket) { incoming.append(request) }

    mutating func pop() -> RequestTicket? {
        if outgoing.isEmpty {
            outgoing = incoming.reversed()
            incoming = []
        }
        return outgoing.popLast()
    }
}
