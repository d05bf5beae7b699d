import Encodings
import Foundation
import HTTPMessages
import Runtime
import Sessions
import Testing

extension RuntimeTests {
    @Suite(.serialized)
    struct StopTests {
        let provider = TestProvider.shared

        @Test("A token answer that was asked for is waited for and stored before the end")
        func waitsForAnswer() throws {
            let site = Site(.file, issuer: provider.issuer)
            defer { site.remove() }
            let (ticket, row) = try site.addSession(refreshToken: "1000-stop")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            #expect(eventually { provider.asked().contains("1000-stop") })
            let start = Date()
            driver.stop()
            #expect((0.5...4).contains(Date().timeIntervalSince(start)))
            #expect(try generation(site, row) == 2)
            _ = request
        }

        @Test("A token answer that does not come is given up in time, and its outcome kept unknown")
        func givesUp() throws {
            let site = Site(.file, issuer: provider.issuer, shutdownTimeout: 300)
            defer { site.remove() }
            let (ticket, row) = try site.addSession(refreshToken: "4000-late")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            #expect(eventually { provider.asked().contains("4000-late") })
            let start = Date()
            driver.stop()
            #expect((0.29...2).contains(Date().timeIntervalSince(start)))
            // Parked requests stay as they were.
            #expect(request.decision == nil)
            // The lease has been given back, and that the token was presented is remembered.
            let reply = try site.openStore().perform(
                .beginRefresh(
                    row.key, generation: 1, owner: 1, leaseMilliseconds: 1_000, presentations: 2,
                    now: Int64(Date().timeIntervalSince1970)))
            guard case .granted(let lease, _, _) = reply else {
                Issue.record("\(reply)")
                return
            }
            #expect(lease.presentation == 2)
        }

        @Test("A store that another process keeps locked delays the end by seconds, not by each command")
        func lockedStore() throws {
            let site = Site(.file, issuer: provider.issuer, shutdownTimeout: 100)
            defer { site.remove() }
            let tickets = try (0..<4).map { try site.addSession(refreshToken: "0-lock\($0)").0 }
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            let first = try driver.start(pageRequest(tickets[0]), hostData: 0)
            #expect(driver.wait(first, milliseconds: 5_000))
            let lock = try site.lockStore()
            defer { lock.release() }
            // Each begins with a look, then with a lease, which waits for the lock.
            let requests = try tickets.dropFirst().map {
                try driver.start(pageRequest($0), hostData: 0)
            }
            usleep(200_000)
            let start = Date()
            driver.stop()
            #expect(Date().timeIntervalSince(start) < 9)
            #expect(requests.allSatisfy { $0.decision == nil })
        }

        @Test("An end with nothing to wait for is quick, and ends once")
        func quick() throws {
            let site = Site(.file)
            defer { site.remove() }
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            let start = Date()
            driver.stop()
            driver.stop()
            #expect(Date().timeIntervalSince(start) < 1)
            #expect(throws: RuntimeFailure.stopped) {
                try driver.start(apiRequest(), hostData: 0)
            }
            #expect(driver.next() == nil)
        }

        @Test("A thread that waits for a request is let go by the end")
        func waiter() throws {
            let site = Site(.file, issuer: provider.issuer, shutdownTimeout: 100)
            defer { site.remove() }
            let (ticket, _) = try site.addSession(refreshToken: "3000-waiter")
            let driver = try EngineDriver(site.configuration, wantsLog: false)
            let request = try driver.start(pageRequest(ticket), hostData: 0)
            let returned = Counter()
            Thread.detachNewThread {
                if !driver.wait(request, milliseconds: 20_000) { returned.add(1) }
            }
            usleep(200_000)
            driver.stop()
            #expect(eventually { returned.value == 1 })
        }

        @Test("Threads and descriptors are back to their number after the end")
        func nothingLeft() throws {
            // The first engine sets up what libraries keep for the process.
            for round in 0..<21 {
                let site = Site(.file, issuer: provider.issuer)
                defer { site.remove() }
                let (ticket, _) = try site.addSession(refreshToken: "0-left\(round)")
                let before = round == 1 ? usage() : nil
                if let before { Self.baseline = before }
                let driver = try EngineDriver(site.configuration, wantsLog: true)
                let request = try driver.start(pageRequest(ticket), hostData: 0)
                #expect(driver.wait(request, milliseconds: 5_000))
                driver.stop()
            }
            // Other tests of this process may have some of their own meanwhile, but not one each
            // for twenty engines.
            let after = usage()
            #expect(after.threads < Self.baseline.threads + 20)
            #expect(after.descriptors < Self.baseline.descriptors + 20)
        }
        private nonisolated(unsafe) static var baseline = (threads: 0, descriptors: 0)

        @Test("An engine starts in a few milliseconds, and its threads are there")
        func startTime() throws {
            let site = Site(.file)
            defer { site.remove() }
            let before = usage()
            var times: [Double] = []
            for _ in 0..<5 {
                let start = Date()
                let driver = try EngineDriver(site.configuration, wantsLog: false)
                times.append(Date().timeIntervalSince(start))
                #expect(usage().threads >= before.threads + 2)
                driver.stop()
            }
            #expect(times.sorted()[2] < 0.05)
        }

        private func generation(_ site: Site, _ row: SessionRow) throws -> UInt64? {
            let reply = try site.openStore().perform(
                .read(row.key, now: Int64(Date().timeIntervalSince1970)))
            guard case .row(let row, _) = reply else { return nil }
            return row.generation
        }
        private func usage() -> (threads: Int, descriptors: Int) {
            func count(_ path: String) -> Int {
                (try? FileManager.default.contentsOfDirectory(atPath: path).count) ?? 0
            }
            return (count("/proc/self/task"), count("/proc/self/fd"))
        }
    }
}
