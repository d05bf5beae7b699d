import Encodings
import Foundation
import HTTPMessages
import Observability
import Runtime
import Sessions
import Testing

/// One after the other: some of them count threads, descriptors and time.
@Suite(.serialized)
enum RuntimeTests {}

extension RuntimeTests {
    @Suite(.serialized)
    struct EngineDriverTests {
        @Test("A request that memory can decide is decided by its start, and never returned again")
        func decidedAtOnce() throws {
            let driver = try EngineDriver(Site(.none).configuration, wantsLog: false)
            defer { driver.stop() }
            let request = try driver.start(pageRequest(nil), hostData: 7)
            #expect(request.decision != nil)
            #expect(!request.isPending)
            #expect(request.hostData == 7)
            #expect(driver.wait(request, milliseconds: 0))
            driver.cancel(request)
            #expect(driver.next() == nil)
        }

        @Test("A request that has to wait is parked, announced by the descriptor and pulled once")
        func parkedAndPulled() throws {
            let site = Site(.file, issuer: TestProvider.shared.issuer)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "300-pulled")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            let request = try driver.start(pageRequest(ticket), hostData: 42)
            #expect(request.isPending)
            #expect(driver.next() == nil)
            #expect(!isReadable(driver.descriptor))
            #expect(isReadable(driver.descriptor, milliseconds: 5_000))
            let pulled = try #require(driver.next())
            #expect(pulled === request)
            #expect(pulled.hostData == 42)
            #expect(pulled.decision?.reason.word == "ok")
            #expect(driver.next() == nil)
            #expect(!isReadable(driver.descriptor))
        }

        @Test("A request cancelled before its decision is never returned")
        func cancelledBefore() throws {
            let provider = TestProvider.shared
            let site = Site(.file, issuer: provider.issuer)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "300-before")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            let gone = try driver.start(pageRequest(ticket), hostData: 1)
            let other = try driver.start(pageRequest(ticket), hostData: 2)
            #expect(gone.decision == nil)
            driver.cancel(gone)
            #expect(isReadable(driver.descriptor, milliseconds: 5_000))
            #expect(driver.next() === other)
            #expect(driver.next() == nil)
            #expect(gone.decision == nil)
        }

        @Test("A request cancelled between its decision and the pull is not returned")
        func cancelledAfter() throws {
            let site = Site(.file, issuer: TestProvider.shared.issuer)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "300-after")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            let requests = try (0..<3).map {
                try driver.start(pageRequest(ticket), hostData: UInt($0))
            }
            #expect(eventually { requests.allSatisfy { $0.decision != nil } })
            #expect(isReadable(driver.descriptor))
            driver.cancel(requests[0])
            driver.cancel(requests[2])
            #expect(driver.next() === requests[1])
            #expect(driver.next() == nil)
        }

        @Test("A wait ends with its time, or with the decision; next returns no such request")
        func waiting() throws {
            let provider = TestProvider.shared
            let site = Site(.file, issuer: provider.issuer)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "1500-waiting")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            let start = Date()
            #expect(!driver.wait(request, milliseconds: 100))
            #expect((0.09...1.2).contains(Date().timeIntervalSince(start)))
            #expect(driver.wait(request, milliseconds: 5_000))
            #expect(request.decision?.reason.word == "ok")
            #expect(driver.wait(request, milliseconds: 0))
            #expect(driver.next() == nil)
            #expect(!isReadable(driver.descriptor))
        }

        @Test("A request that was decided before the wait is not returned by next as well")
        func waitingLate() throws {
            let driver = try EngineDriver(Site(.memory).configuration, wantsLog: false)
            defer { driver.stop() }
            let ticket = try #require(SessionTicket.make(Random()))
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            #expect(eventually { request.decision != nil })
            #expect(driver.wait(request, milliseconds: 0))
            #expect(driver.next() == nil)
        }

        @Test("Patience ends by a timer of the engine's thread")
        func patience() throws {
            let provider = TestProvider.shared
            let site = Site(.file, issuer: provider.issuer, patience: 200)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "1500-patience")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            let start = Date()
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            #expect(driver.wait(request, milliseconds: 5_000))
            #expect((0.19...1.2).contains(Date().timeIntervalSince(start)))
            #expect(request.decision?.reason.word == "refresh_pending")
        }

        @Test("Eight threads share a driver and pull; each request comes back once")
        func pullingThreads() throws {
            let driver = try EngineDriver(Site(.memory).configuration, wantsLog: false)
            defer { driver.stop() }
            let ticket = try #require(SessionTicket.make(Random()))
            let (pulled, ended) = (Counter(), Counter())
            for thread in 0..<8 as Range<UInt> {
                Thread.detachNewThread {
                    for number in 0..<500 as Range<UInt> {
                        let request = try? driver.start(
                            pageRequest(ticket), hostData: thread * 500 + number)
                        if let request, number % 5 == 0 { driver.cancel(request) }
                        if let request, !request.isPending, number % 5 != 0 { pulled.add(1) }
                        while driver.next() != nil { pulled.add(1) }
                    }
                    ended.add(1)
                }
            }
            let isOver = eventually {
                while driver.next() != nil { pulled.add(1) }
                return ended.value == 8 && pulled.value >= 8 * 400
            }
            #expect(isOver)
            // A thread may pull another's request before that is cancelled.
            #expect((8 * 400...8 * 500).contains(pulled.value))
            #expect(driver.next() == nil)
        }

        @Test("Eight threads share a driver and wait; each gets its own decision")
        func waitingThreads() throws {
            let driver = try EngineDriver(Site(.memory).configuration, wantsLog: false)
            defer { driver.stop() }
            let ticket = try #require(SessionTicket.make(Random()))
            let (decided, ended) = (Counter(), Counter())
            for _ in 0..<8 {
                Thread.detachNewThread {
                    for _ in 0..<500 {
                        let request = try? driver.start(pageRequest(ticket), hostData: 0)
                        if let request, driver.wait(request, milliseconds: 10_000) {
                            decided.add(1)
                        }
                    }
                    ended.add(1)
                }
            }
            #expect(eventually { ended.value == 8 })
            #expect(decided.value == 8 * 500)
            #expect(driver.next() == nil)
        }

        @Test("A provider that is down stops nobody; log lines say so, and wake the host")
        func logLines() throws {
            let driver = try EngineDriver(Site(.none).configuration, wantsLog: true)
            defer { driver.stop() }
            #expect(isReadable(driver.descriptor, milliseconds: 5_000))
            #expect(driver.next() == nil)
            let lines = driver.takeLogLines()
            #expect(lines.contains { $0.text.string.contains("provider idp") })
            #expect(driver.takeLogLines().isEmpty)
        }

        @Test("A host that wants no log is not woken for one")
        func noLog() throws {
            let driver = try EngineDriver(Site(.none).configuration, wantsLog: false)
            defer { driver.stop() }
            #expect(!isReadable(driver.descriptor, milliseconds: 300))
            #expect(driver.takeLogLines().isEmpty)
        }

        @Test("A store that can not be opened is said once, and a request hears of it")
        func unusableStore() throws {
            let site = Site(.path("/nonexistent/cloakroom.db"))
            let driver = try EngineDriver(site.configuration, wantsLog: true)
            let ticket = try #require(SessionTicket.make(Random()))
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            #expect(driver.wait(request, milliseconds: 5_000))
            #expect(request.decision?.reason.word == "store_unavailable")
            usleep(500_000)
            driver.stop()
            let lines = driver.takeLogLines().filter { $0.text.string.contains("session store") }
            #expect(lines.count == 1)
            #expect(lines.first?.level == .emergency)
        }

        @Test("A store that is put right is opened without a restart")
        func curedStore() throws {
            let directory = NSTemporaryDirectory() + "cloakroom-late-\(UUID().uuidString)"
            let site = Site(.path(directory + "/cloakroom.db"))
            let driver = try EngineDriver(site.configuration, wantsLog: true)
            defer {
                driver.stop()
                try? FileManager.default.removeItem(atPath: directory)
            }
            let ticket = try #require(SessionTicket.make(Random()))
            func reason() throws -> ByteString? {
                let request = try driver.start(pageRequest(ticket), hostData: 0)
                _ = driver.wait(request, milliseconds: 5_000)
                return request.decision?.reason.word
            }
            #expect(try reason() == "store_unavailable")
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            #expect(try eventually { try reason() == "session_unknown" })
            #expect(driver.takeLogLines().contains { $0.text.string.contains("works again") })
        }

        @Test("A database that is deleted under the engine serves nobody; a new one takes its place")
        func deletedStore() throws {
            let site = Site(.file, issuer: TestProvider.shared.issuer)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "0-deleted")
            let driver = try EngineDriver(site.configuration, wantsLog: true)
            defer { driver.stop() }
            func reason() throws -> ByteString? {
                let request = try driver.start(pageRequest(ticket), hostData: 0)
                _ = driver.wait(request, milliseconds: 5_000)
                return request.decision?.reason.word
            }
            // Opened, but nothing known of the session yet.
            let strangersTicket = try #require(SessionTicket.make(Random()))
            let stranger = try driver.start(pageRequest(strangersTicket), hostData: 0)
            #expect(driver.wait(stranger, milliseconds: 5_000))
            usleep(1_100_000)
            site.remove()
            #expect(try reason() == "store_unavailable")
            #expect(try reason() == "session_unknown")
            let lines = driver.takeLogLines().filter { $0.text.string.contains("session store") }
            #expect(lines.count == 1)
        }

        @Test("A database that is gone for good is served from memory no longer")
        func lostStore() throws {
            let directory = NSTemporaryDirectory() + "cloakroom-lost-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
            let site = Site(.path(directory + "/cloakroom.db"))
            // Its first use raises the idle time, which is a write.
            let (ticket, _) = try site.addSession(refreshToken: "0-lost", life: 300)
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            defer { driver.stop() }
            func reason(_ ticket: SessionTicket) throws -> ByteString? {
                let request = try driver.start(pageRequest(ticket), hostData: 0)
                _ = driver.wait(request, milliseconds: 5_000)
                return request.decision?.reason.word
            }
            let stranger = try #require(SessionTicket.make(Random()))
            #expect(try reason(stranger) == "session_unknown")
            usleep(1_100_000)
            try FileManager.default.removeItem(atPath: directory)
            #expect(try reason(ticket) == "ok")
            #expect(try eventually { try reason(ticket) == "store_unavailable" })
        }
    }
}
