import CurlTransport
import Encodings
import Foundation
import HTTPMessages
import Testing

/// One after the other: some of them change the environment.
@Suite(.serialized)
enum TransportTests {}

extension TransportTests {
    @Suite(.serialized)
    struct ExchangeTests {
        let server = TestServer.shared

        @Test("A request arrives as it was meant, and its answer comes back")
        func echo() throws {
            var request = server.post("good", "/echo", "grant_type=refresh_token&a=%20")
            request.headers = [
                HeaderField("Authorization", "Basic eDp5"),
                HeaderField("Accept", "application/json"),
                HeaderField("X-Empty", ""),
            ]
            let answer = try run(request).get()
            #expect(answer.status == 200)
            #expect(answer.headers.only("x-kind") == "Echo")
            let seen = try #require(
                JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: String])
            let head = try #require(seen["head"])
            #expect(seen["body"] == "grant_type=refresh_token&a=%20")
            #expect(head.hasPrefix("POST /echo HTTP/1.1"))
            for line in [
                "Authorization: Basic eDp5", "Accept: application/json",
                "User-Agent: cloakroom/0.1",
                "X-Empty:", "Content-Type: application/x-www-form-urlencoded",
            ] { #expect(head.contains("\r\n" + line)) }
            for name in ["Accept-Encoding", "Expect", "Cookie"] {
                #expect(!head.contains(name + ":"))
            }
        }

        @Test("A POST without a body sends none")
        func emptyPost() throws {
            let answer = try run(server.post("plain", "/echo", "")).get()
            #expect(String(decoding: answer.body, as: UTF8.self).contains("Content-Length: 0"))
        }

        @Test("Many exchanges share a transport, each with its own answer")
        func many() throws {
            let transport = try #require(CurlTransport())
            for id in 0..<40 as Range<UInt64> {
                transport.submit(id, server.post("good", "/echo", ByteString("number=\(id).")))
            }
            var seen: Set<UInt64> = []
            while seen.count < 40 {
                transport.wait(milliseconds: 1_000)
                for (id, result) in transport.collect() {
                    #expect(seen.insert(id).inserted)
                    #expect(
                        String(decoding: try result.get().body, as: UTF8.self)
                            .contains("number=\(id)."))
                }
            }
            #expect(transport.count == 0)
        }

        @Test("MET-05 LIM-18 A redirect is an answer; nobody follows it")
        func redirect() throws {
            let answer = try run(server.get("plain", "/redirect")).get()
            #expect(answer.status == 302)
            #expect(try server.count("/followed") == 0)
        }

        @Test("MET-08 Cookies are neither kept nor sent")
        func cookies() throws {
            let transport = CurlTransport()
            _ = try run(server.get("plain", "/cookie"), on: transport).get()
            let answer = try run(server.get("plain", "/echo"), on: transport).get()
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("Cookie"))
        }

        @Test("Fields of interim answers and trailers are no header fields")
        func oddFields() throws {
            let answer = try run(server.get("plain", "/odd")).get()
            #expect(answer.status == 200)
            #expect(answer.body == Array("ok".utf8))
            #expect(answer.headers.only("x-kept") == "yes")
            #expect(answer.headers.only("x-interim") == nil)
            #expect(answer.headers.only("cache-control") == nil)
        }

        // MARK: Limits

        @Test(
            "MET-08 LIM-10 An answer beyond its limit ends the exchange",
            arguments: ["/announced", "/chunked", "/heads", "/longhead"])
        func tooLarge(path: String) {
            let failure = run(server.get("plain", path, bodyLimit: 4_000)).failure
            #expect(failure?.kind == .tooLarge)
            #expect(failure?.mayHaveBeenSent == true)
        }

        @Test("LIM-10 An answer of exactly the limit is taken")
        func exactLimit() throws {
            #expect(
                try run(server.get("plain", "/chunked", bodyLimit: 5_000)).get().body.count == 5_000
            )
            #expect(
                try run(server.get("plain", "/announced", bodyLimit: 5_000)).get().body.count
                    == 5_000)
        }

        @Test("MET-08 A packed answer stays packed")
        func packed() throws {
            #expect(try run(server.get("plain", "/packed")).get().body.count == 1_000)
        }

        @Test(
            "MET-08 LIM-16 An answer that does not come, or drips, times out",
            arguments: ["/slow", "/drip"])
        func timeout(path: String) {
            let start = Date()
            let failure = run(server.get("plain", path, timeout: 300)).failure
            #expect(failure?.kind == .timeout)
            #expect(failure?.mayHaveBeenSent == true)
            #expect(Date().timeIntervalSince(start) < 3)
        }

        @Test("LIM-15 A handshake that stalls ends with the connect time, and nothing was sent")
        func connectTimeout() {
            var route = server.route
            route.connectTimeout = 200
            let start = Date()
            let failure = run(server.get("silent", "/", route: route)).failure
            #expect(failure?.kind == .timeout)
            #expect(failure?.mayHaveBeenSent == false)
            #expect(Date().timeIntervalSince(start) < 3)
        }

        // MARK: Failures

        @Test("A refused connection and an unknown name sent nothing")
        func unreachable() {
            let refused = OutboundRequest(
                .get, "https://127.0.0.1:1/", route: server.route, timeout: 2_000, bodyLimit: 10)
            #expect(run(refused).failure?.kind == .connect)
            #expect(run(refused).failure?.mayHaveBeenSent == false)
            var unknown = refused
            unknown.url = "https://nowhere.invalid/"
            let failure = run(unknown).failure
            #expect(failure?.kind == .resolve || failure?.kind == .timeout)
            #expect(failure?.mayHaveBeenSent == false)
        }

        @Test(
            "A connection cut after the request leaves the outcome unknown",
            arguments: ["/cut", "/half"])
        func cut(path: String) {
            let failure = run(server.post("good", path, "a=b")).failure
            #expect(failure?.kind == .cut)
            #expect(failure?.mayHaveBeenSent == true)
        }

        @Test("REF-02 A POST is never sent a second time by libcurl")
        func noSecondPost() throws {
            let transport = CurlTransport()
            let before = try server.count("/once")
            // A connection that lies ready, and whose second request is cut without an answer.
            _ = try run(server.get("plain", "/ready"), on: transport).get()
            _ = run(server.post("plain", "/once", "refresh_token=x"), on: transport)
            #expect(try server.count("/once") == before + 1)
        }

        @Test("A GET on a connection that has died meanwhile is repeated")
        func secondGet() throws {
            let transport = CurlTransport()
            _ = try run(server.get("plain", "/ready"), on: transport).get()
            #expect(try run(server.get("plain", "/once"), on: transport).get().status == 200)
        }

        @Test("A request that can not be sent as it is fails before anything moves")
        func misuse() {
            let transport = CurlTransport()
            for (url, field) in [
                ("ftp://127.0.0.1/", nil), ("https://user@127.0.0.1/", nil),
                ("https://127.0.0.1/", HeaderField("A", "b\r\nC: d")),
                ("https://127.0.0.1/", HeaderField("A b", "c")),
            ] as [(ByteString, HeaderField?)] {
                let request = OutboundRequest(
                    .get, url, headers: field.map { [$0] } ?? [], route: server.route,
                    timeout: 1_000,
                    bodyLimit: 10)
                let failure = run(request, on: transport).failure
                #expect(failure?.kind == .misuse)
                #expect(failure?.mayHaveBeenSent == false)
            }
        }

        @Test("A closed transport hands out what was still under way, and what is known of it")
        func close() throws {
            let transport = try #require(CurlTransport())
            transport.submit(1, server.get("plain", "/slow"))
            transport.submit(2, server.get("silent", "/"))
            let limit = Date() + 1
            while Date() < limit {
                transport.wait(milliseconds: 50)
                #expect(transport.collect().isEmpty)
            }
            let endings = Dictionary(uniqueKeysWithValues: transport.close())
            #expect(endings.count == 2)
            #expect(endings[1]?.failure?.kind == .shutdown)
            #expect(endings[1]?.failure?.mayHaveBeenSent == true)
            #expect(endings[2]?.failure?.kind == .shutdown)
            #expect(endings[2]?.failure?.mayHaveBeenSent == false)
            #expect(transport.close().isEmpty)
        }

        @Test("A waiting transport can be woken from another thread, and a gone one too")
        func wake() throws {
            var transport = CurlTransport()
            let waker = try #require(transport?.waker)
            let start = Date()
            Thread.detachNewThread {
                usleep(100_000)
                waker.wake()
            }
            transport?.wait(milliseconds: 10_000)
            #expect(Date().timeIntervalSince(start) < 5)
            transport = nil
            waker.wake()
        }

        @Test("A started program inherits no connection")
        func closeOnExec() throws {
            let transport = try #require(CurlTransport())
            transport.submit(1, server.get("plain", "/slow"))
            let limit = Date() + 0.3
            while Date() < limit {
                transport.wait(milliseconds: 50)
                _ = transport.collect()
            }
            var checked = 0
            for descriptor in 0..<1_024 as Range<Int32> {
                var peer = sockaddr_in()
                var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                let isOurs = withUnsafeMutablePointer(to: &peer) {
                    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                        getpeername(descriptor, $0, &length) == 0
                    }
                }
                guard isOurs, Int(UInt16(bigEndian: peer.sin_port)) == server.port("plain") else {
                    continue
                }
                checked += 1
                #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            }
            #expect(checked > 0)
            _ = transport.close()
        }
    }
}
