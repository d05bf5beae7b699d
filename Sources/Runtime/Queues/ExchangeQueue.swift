import Engine
import HTTPMessages

/// Exchanges that wait until one of those in flight has ended.  Their own time runs meanwhile.
struct ExchangeQueue {
    /// Nil before `head`: a request that has gone is not kept here, secrets and all.
    private var waiting: [Entry?] = []
    private var head = 0
    private var inFlight = 0
    private let flightLimit: Int
    private let waitingLimit: Int

    struct Entry: Sendable {
        var ticket: EffectTicket
        var request: OutboundRequest
        var deadline: Int64
    }

    enum Next { case begin(Entry), expired(EffectTicket), nothing }

    init(flightLimit: Int, waitingLimit: Int) {
        self.flightLimit = flightLimit
        self.waitingLimit = waitingLimit
    }

    /// - Returns: false where too many wait.
    mutating func add(_ ticket: EffectTicket, _ request: OutboundRequest, now: Int64) -> Bool {
        guard waiting.count - head < waitingLimit else { return false }
        waiting.append(
            Entry(ticket: ticket, request: request, deadline: now &+ max(request.timeout, 1)))
        return true
    }

    /// To be asked until it says `.nothing`.
    mutating func next(_ now: Int64) -> Next {
        guard inFlight < flightLimit, head < waiting.count, var entry = waiting[head] else {
            return .nothing
        }
        waiting[head] = nil
        head += 1
        if head > 64, head > waiting.count / 2 {
            waiting.removeFirst(head)
            head = 0
        }
        guard entry.deadline > now else { return .expired(entry.ticket) }
        inFlight += 1
        entry.request.timeout = entry.deadline &- now
        return .begin(entry)
    }

    mutating func ended() { inFlight -= 1 }

    /// All that have not begun.
    mutating func drain() -> [EffectTicket] {
        defer { (waiting, head) = ([], 0) }
        return waiting[head...].compactMap { $0?.ticket }
    }
}
