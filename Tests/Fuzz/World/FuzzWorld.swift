import Configuration
import Encodings
import Engine
import HTTPMessages
import MemoryStore
import Observability
import Sessions

/// One worker, and one person who has signed in.  Every input finds it as it was then.
final class FuzzWorld: @unchecked Sendable {
    static let shared = FuzzWorld()

    let configuration = Configuration.fuzzed()
    /// The session's cookie, as the browser sends it.
    private(set) var cookie: ByteString = ""
    /// A login that is under way in the same browser: its cookie, and its state.
    private(set) var attempt: ByteString = ""
    private(set) var state: ByteString = ""

    private var core: EngineCore
    private let store: MemoryStore
    private var table = MemoryTable()
    private var provider = FuzzedProvider()
    private let clock = Clock()
    private final class Clock { var milliseconds: Int64 = 1_000_000 }

    private init() {
        core = EngineCore(configuration, owner: 1)
        let clock = self.clock
        store = MemoryStore { clock.milliseconds }
        var life = Life(core, clock.milliseconds)
        run(core.begin(life.now), &life)
        core = life.core
        beginLogin()
        let answer: ByteString =
            "GET /auth/callback?code=c&state=\(state) web 0\nCookie: \(attempt)\n"
        cookie = keep(answer).setCookie(Sealed.cookie + "=") ?? ""
        promise(!cookie.isEmpty, "the person signs in")
        _ = keep("GET / web 0\nCookie: \(cookie)\n")
        beginLogin()
    }

    private func beginLogin() {
        let outcome = keep("GET /auth/login?return_to=/x web 0\n")
        let location = outcome.decision?.clientHeaders.only("location") ?? ""
        let query = Parameters(URLReference(location)?.query ?? "")
        attempt = outcome.setCookie(Sealed.cookie + "-login-") ?? ""
        (state, provider.nonce) = (query["state"] ?? "", query["nonce"] ?? "")
    }

    /// What became of a request.
    struct Outcome {
        var decision: Decision?
        /// What would have been answered without a full look, and what becomes of `Cookie` then.
        var recalled: (settled: Settled, cookie: HeaderEdit?)?
        var explanation: ByteString = ""
        var log: [LogLine] = []

        /// The cookie of that name that is set.
        func setCookie(_ prefix: ByteString) -> ByteString? {
            decision?.clientHeaders.first {
                $0.name == "Set-Cookie" && $0.value.hasPrefix(prefix)
            }.flatMap { $0.value.divided(at: 0x3B)?.0 }
        }
    }

    /// A copy of the worker, for one request.
    private struct Life {
        var core: EngineCore
        var milliseconds: Int64
        var outcome = Outcome()
        var timers: [(time: Int64, ticket: EffectTicket)] = []
        var steps = 0

        init(_ core: EngineCore, _ milliseconds: Int64) {
            self.core = core
            self.milliseconds = milliseconds
        }

        var wall: Int64 { Signed.now + (milliseconds - 1_000_000) / 1_000 }
        var now: Moment { Moment(wall: wall, monotonic: milliseconds) }
    }

    /// Asks, and keeps what it leads to.
    private func keep(_ text: ByteString) -> Outcome {
        guard let request = FuzzedRequest(text.bytes) else { fatalError("no request: \(text)") }
        let (outcome, core) = live(request)
        self.core = core
        table = store.table
        return outcome
    }

    func ask(_ request: FuzzedRequest) -> Outcome {
        if store.table != table { store.table = table }
        provider.tokenAnswer = OutboundResponse(fuzzed: request.tokenAnswer)
        return live(request).0
    }

    private func live(_ request: FuzzedRequest) -> (Outcome, EngineCore) {
        var life = Life(core, 1_000_000 + request.seconds * 1_000)
        clock.milliseconds = life.milliseconds
        life.outcome.recalled = recall(request, &life)
        let arrival = Arrival(request.head, configuration, stamps: store.board)
        let result = life.core.start(RequestID(1), arrival, life.now)
        life.outcome.decision = result.decision
        run(result.actions, &life)
        // Whoever waits runs out of patience some day.
        while life.outcome.decision == nil, let next = life.timers.min(by: { $0.time < $1.time }) {
            life.timers.removeAll { $0.ticket == next.ticket }
            life.milliseconds = max(next.time, life.milliseconds)
            clock.milliseconds = life.milliseconds
            run(life.core.resume(next.ticket, .fired, life.now), &life)
        }
        life.outcome.explanation = Explanation.text(
            of: arrival.subject, life.core.surroundings(of: arrival.subject, life.now),
            life.outcome.decision)
        return (life.outcome, life.core)
    }

    private func recall(
        _ request: FuzzedRequest, _ life: inout Life
    ) -> (settled: Settled, cookie: HeaderEdit?)? {
        guard let guarded = configuration.guarded[request.policy],
            let index = Recall.field(of: request.glance, under: guarded)
        else { return nil }
        let field = request.headers[index].value
        guard let recall = Recall(field.span, target: request.target.span, guarded),
            let settled = life.core.recall(
                recall, in: field.span, guarded, life.now, stamps: store.board)
        else { return nil }
        return (settled, recall.cookie.map { HeaderEdit("Cookie", $0.text(of: field)) })
    }

    private func run(_ actions: [Action], _ life: inout Life) {
        var queue = actions
        while !queue.isEmpty {
            life.steps += 1
            promise(life.steps < 1_000, "a request comes to an end")
            switch queue.removeFirst() {
            case .decided(_, let decision):
                promise(life.outcome.decision == nil, "a request is decided once")
                life.outcome.decision = decision
            case .log(let line): life.outcome.log.append(line)
            case .perform(let ticket, .timer(let time)): life.timers.append((time, ticket))
            case .perform(let ticket, let effect):
                queue += life.core.resume(ticket, perform(effect, life), life.now)
            }
        }
    }

    private func perform(_ effect: Effect, _ life: Life) -> Input {
        switch effect {
        case .timer: return .fired
        case .file(let path, _, _): return .file(.unreadable("there is no \(path)"))
        case .job(let job): return .result(job.perform(JobTools(random: SteadyRandom())))
        case .exchange(let request): return .response(provider.answer(request, wall: life.wall))
        case .store(let command):
            do throws(StoreFailure) {
                return .reply(try store.perform(command))
            } catch {
                return .noReply(error)
            }
        }
    }
}
