import Encodings
import Engine
import Sessions

/// Sees everything that happens, and says when something is not as promised.
final class Ledger {
    struct Herd {
        var key: RowKey
        var from: UInt64
        var refreshes = 0
    }

    struct Logout {
        var record: SessionRecord
        var worker: Worker
        var life: Int
        var time: Int64
    }

    unowned var world: World!
    private(set) var violations: [Violation] = []
    private(set) var sessions: [SessionRecord] = []
    private var indices: [RowKey: Int] = [:]
    private var tickets: [RowKey: SessionTicket] = [:]
    private var lastTicket: [UInt64]  = []
    var requests: [UInt64: Request] = [:]
    private var requestCount: UInt64 = 0
    /// Which session and generation an access token belongs to, once it is stored.
    var storedTokens: [ByteString: (key: RowKey, generation: UInt64)] = [:]
    var owners: [ByteString: RowKey] = [:]
    var strayTokens: Set<ByteString> = []
    var arrivals: [TokenArrival] = []
    var revoked: Set<ByteString> = []
    /// Presentations that are not over.
    var flying: [Exchange] = []
    var rotations: [ByteString: Exchange] = [:]
    /// When each engine has fetched documents lately, and when it has failed to.
    var fetchTimes: [Int: [Int64]] = [:]
    var failureTimes: [Int: [Int64]] = [:]
    /// When each engine, in its present life, learned where the provider's endpoints are.
    var introductions: [Int: (life: Int, time: Int64)] = [:]
    /// Sessions that an engine has ended, and knows it.
    var logouts: [Logout] = []
    var herd: Herd?
    /// Of programs, until they have their answers.
    var calls: [UInt64: Call] = [:]
    /// Keys in documents that were kept, each with the time of the first.
    var keptKeys: [ByteString: Int64] = [:]

    func expect(_ property: Property, _ holds: Bool, _ detail: () -> String) {
        guard !holds else { return }
        let detail = detail()
        violations.append(Violation(property: property, detail: detail))
        world.note("FAILED") { "\(property.rawValue): \(detail)" }
    }

    // MARK: Sessions

    func session(_ key: RowKey) -> SessionRecord? { indices[key].map { sessions[$0] } }

    func learn(_ ticket: SessionTicket) { tickets[ticket.rowKey] = ticket }

    func open(_ row: SessionRow) -> SessionRecord? {
        guard let ticket = tickets[row.key] else { return nil }
        let record = SessionRecord(row, ticket)
        indices[row.key] = sessions.count
        sessions.append(record)
        return record
    }

    // MARK: Engines

    func nextRequest() -> UInt64 {
        requestCount += 1
        return requestCount
    }

    func issued(_ ticket: EffectTicket, by worker: Worker) {
        while lastTicket.count <= worker.index { lastTicket.append(0) }
        expect(.oneAnswer, ticket.number > lastTicket[worker.index]) {
            "\(worker.name) uses ticket \(ticket.number) twice"
        }
        lastTicket[worker.index] = ticket.number
    }

    func crashed(_ worker: Worker) {
        calls = calls.filter { $0.value.worker !== worker }
        if lastTicket.indices.contains(worker.index) { lastTicket[worker.index] = 0 }
        for number in requests.keys.sorted() {
            guard let request = requests[number], request.worker === worker,
                request.fate == .waiting
            else { continue }
            request.fate = .crashed
        }
    }
}
