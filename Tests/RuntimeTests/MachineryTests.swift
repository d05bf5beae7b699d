import Engine
import Foundation
import HTTPMessages
import Observability
@testable import Runtime
import Sessions
import Testing

@Suite
struct MachineryTests {
    // MARK: Threads

    @Test("Our threads have all signals blocked, a name, and leave the maker's mask as it was")
    func threadMask() throws {
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &before)
        let seen = Counter()
        let thread = try POSIXThread.start("cloakroom-test") {
            var mask = sigset_t()
            pthread_sigmask(SIG_BLOCK, nil, &mask)
            for signal in [SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE, SIGTERM, SIGCHLD]
            where sigismember(&mask, signal) == 1 {
                seen.add(1)
            }
            if threadName() == "cloakroom-test" { seen.add(100) }
        }
        thread.join()
        #expect(seen.value == 108)
        var after = sigset_t()
        pthread_sigmask(SIG_BLOCK, nil, &after)
        for signal in 1..<32 as Range<Int32> {
            #expect(sigismember(&after, signal) == sigismember(&before, signal))
        }
    }

    @Test("An event that happened before the wait is not lost, and counts once")
    func event() {
        let event = Event()
        event.happen()
        event.happen()
        #expect(event.wait(milliseconds: 0))
        let start = Date()
        #expect(!event.wait(milliseconds: 50))
        #expect(Date().timeIntervalSince(start) >= 0.045)
        Thread.detachNewThread {
            usleep(20_000)
            event.happen()
        }
        #expect(event.wait(milliseconds: 5_000))
    }

    @Test("The clocks are those of the machine")
    func clocks() {
        let moment = SystemClock.now()
        #expect(abs(moment.wall - Int64(Date().timeIntervalSince1970)) <= 1)
        usleep(10_000)
        #expect((9...1_000).contains(SystemClock.monotonic - moment.monotonic))
    }

    // MARK: Mailboxes

    @Test("A full mailbox takes nothing; a reader is woken for the first item only")
    func mailbox() {
        let woken = Counter()
        let box = Mailbox<Int>(capacity: 2) { woken.add(1) }
        let receipts = [box.post(1), box.post(2), box.post(3)]
        #expect(receipts == [.accepted, .accepted, .full])
        #expect(woken.value == 1)
        #expect(box.takeAll() == [1, 2])
        #expect(box.takeAll() == [])
    }

    @Test("A closed mailbox hands out what it has, a finished one takes until it is found empty")
    func mailboxEnds() {
        let box = Mailbox<Int>(capacity: 9) {}
        _ = box.post(1)
        box.close()
        #expect(box.post(2) == .closed)
        #expect(box.takeAll() == [1])
        #expect(box.takeAll() == nil)

        let other = Mailbox<Int>(capacity: 9) {}
        _ = other.post(1)
        other.finish()
        #expect(other.takeAll() == [1])
        #expect(other.post(2) == .accepted)
        #expect(other.takeAll() == [2])
        #expect(other.takeAll() == nil)
        #expect(other.post(3) == .closed)

        let refusing = Mailbox<Int>(capacity: 9) {}
        _ = refusing.post(1)
        refusing.refuse()
        #expect(refusing.post(2) == .closed)
        #expect(refusing.takeAll() == [1])
        #expect(refusing.takeAll() == [])
    }

    // MARK: Timers

    @Test("Timers fire in the order of their times, equal ones in the order they came")
    func timerOrder() {
        var queue = TimerQueue()
        var expected: [(Int64, UInt64)] = []
        var random = SystemRandomNumberGenerator()
        for number in 0..<500 as Range<UInt64> {
            let time = Int64.random(in: 0..<100, using: &random)
            queue.add(EffectTicket(number), at: time)
            expected.append((time, number))
        }
        expected.sort { $0 < $1 }
        let early = queue.popDue(-1)
        #expect(early == nil)
        #expect(queue.earliest == expected.first?.0)
        var fired: [UInt64] = []
        while let ticket = queue.popDue(100) { fired.append(ticket.number) }
        #expect(fired == expected.map(\.1))
    }

    @Test("The thread is woken for a timer that is earlier than its next look, and no other")
    func timerWake() {
        let woken = Counter()
        let timers = Timers { woken.add(1) }
        #expect(timers.pause(1_000, limit: 60_000) == 60_000)
        timers.add(EffectTicket(1), at: 5_000)
        #expect(woken.value == 1)
        #expect(timers.pause(1_000, limit: 60_000) == 4_000)
        timers.add(EffectTicket(2), at: 6_000)
        #expect(woken.value == 1)
        timers.add(EffectTicket(3), at: 2_000)
        #expect(woken.value == 2)
        #expect(timers.pause(9_000, limit: 60_000) == 0)
    }

    // MARK: Exchanges

    @Test("Exchanges beyond those in flight wait, their own time runs, and too many are refused")
    func exchangeQueue() {
        var queue = ExchangeQueue(flightLimit: 1, waitingLimit: 3)
        let request = OutboundRequest(
            .get, "https://idp.example/", route: NetworkRoute(addresses: .any), timeout: 1_000,
            bodyLimit: 1)
        for number in 1...3 as ClosedRange<UInt64> {
            let isAdded = queue.add(EffectTicket(number), request, now: 0)
            #expect(isAdded)
        }
        let isTooMany = !queue.add(EffectTicket(4), request, now: 0)
        #expect(isTooMany)
        guard case .begin(let first) = queue.next(0), case .nothing = queue.next(0) else {
            Issue.record("the first must begin, the second wait")
            return
        }
        #expect(first.request.timeout == 1_000)
        queue.ended()
        guard case .begin(let second) = queue.next(400) else {
            Issue.record("the second must begin")
            return
        }
        #expect(second.request.timeout == 600)
        queue.ended()
        guard case .expired(let third) = queue.next(1_000) else {
            Issue.record("the third is too late")
            return
        }
        #expect(third == EffectTicket(3))
        _ = queue.add(EffectTicket(5), request, now: 0)
        let left = [queue.drain(), queue.drain()]
        #expect(left == [[EffectTicket(5)], []])
    }

    @Test("REF-05 What was never sent counts as no presentation of a refresh token", arguments: [
        .busy, .timeout, .shutdown, .misuse,
    ] as [TransportFailure.Kind])
    func unsent(kind: TransportFailure.Kind) {
        let failure = TransportFailure.unsent(kind)
        #expect(failure.kind == kind)
        #expect(!failure.mayHaveBeenSent)
        #expect(!failure.detail.isEmpty, "the log says why")
    }

    // MARK: Requests

    @Test("Requests wait up to their limit; one more is refused, and each after the end")
    func parkedLimit() throws {
        let board = try RequestBoard(parkedLimit: 2)
        let requests = (1...4).map { RequestTicket(RequestID($0), hostData: 0) }
        #expect(requests[..<3].map(board.park) == [.parked, .parked, .full])
        board.close()
        #expect(board.park(requests[3]) == .closed)
    }

    @Test("Debug lines wake nobody, and leave room for those that matter")
    func debugLines() throws {
        let board = try RequestBoard(parkedLimit: 2)
        var descriptor = pollfd(fd: board.descriptor, events: Int16(POLLIN), revents: 0)
        for _ in 0..<2_000 { board.log(LogLine(.debug, "decision: token_missing api")) }
        #expect(poll(&descriptor, 1, 0) == 0)
        board.log(LogLine(.error, "a store cannot be opened"))
        #expect(poll(&descriptor, 1, 0) == 1)
        let lines = board.takeLines()
        #expect(lines.contains { $0.level == .error })
        #expect(lines.contains { $0.level == .debug })
        #expect(lines.last?.text == "1500 log lines were dropped")
    }

    // MARK: Stamps

    @Test("Without a board every stamp is odd: nobody believes a memory")
    func stampHolder() throws {
        struct Even: StampBoard {
            func stamp(of key: RowKey) -> UInt64 { 8 }
        }
        let key = try #require(RowKey([UInt8](repeating: 1, count: 32)))
        let holder = StampHolder()
        #expect(holder.stamp(of: key) % 2 == 1)
        holder.set(Even())
        #expect(holder.stamp(of: key) == 8)
        holder.set(nil)
        #expect(holder.stamp(of: key) % 2 == 1)
    }
}
