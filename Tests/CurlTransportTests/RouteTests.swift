import Encodings
import Foundation
import HTTPMessages
import Testing

@testable import CurlTransport

extension TransportTests {
    @Suite(.serialized)
    struct RouteTests {
        let server = TestServer.shared

        // MARK: TLS

        @Test(
            "MET-04 The right certificate is accepted, by address and by name",
            arguments: ["127.0.0.1", "localhost"])
        func goodCertificate(host: String) throws {
            #expect(try run(server.get("good", "/ok", host: host)).get().status == 200)
        }

        @Test(
            "MET-04 A wrong host, an expired or self-made certificate, an old protocol fail",
            arguments: ["elsewhere", "expired", "selfsigned", "old"])
        func badCertificate(name: String) throws {
            let before = try server.count("/tls-\(name)")
            let failure = run(server.get(name, "/tls-\(name)")).failure
            #expect(failure?.kind == .tls)
            #expect(failure?.mayHaveBeenSent == false)
            #expect(try server.count("/tls-\(name)") == before)
        }

        @Test("MET-04 A CA file stands in place of the system's certificates, and must be there")
        func caFile() {
            var route = server.route
            route.caFile = nil
            #expect(run(server.get("good", "/ok", route: route)).failure?.kind == .tls)
            route.caFile = ByteString(server.directory + "/missing.pem")
            #expect(run(server.get("good", "/ok", route: route)).failure?.kind == .tls)
        }

        @Test(
            "MET-04 The system's certificates are not trusted beside a CA file",
            .enabled(if: geteuid() == 0))
        func systemCertificates() throws {
            let directory = server.directory + "/system"
            let files = FileManager.default
            try files.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for (name, copy) in [("selfsigned", "own.pem"), ("ca", "ca-certificates.crt")] {
                try files.copyItem(
                    atPath: "\(server.directory)/\(name).pem", toPath: "\(directory)/\(copy)")
            }
            let rehash = try Process.run(
                URL(fileURLWithPath: "/usr/bin/openssl"), arguments: ["rehash", directory])
            rehash.waitUntilExit()
            let server = server
            var system = server.route
            system.caFile = nil
            let requests = [system, server.route].map { server.get("selfsigned", "/ok", route: $0) }
            let failures = try OwnCertificates.seeing(directory) {
                requests.map { run($0).failure?.kind }
            }
            #expect(failures == [nil, .tls], "by the system's, and by the file alone")
        }

        @Test("A connection that one CA file admitted does not serve a route with another")
        func noSharing() throws {
            let transport = CurlTransport()
            _ = try run(server.get("good", "/ok"), on: transport).get()
            var route = server.route
            route.caFile = ByteString(server.directory + "/selfsigned.pem")
            #expect(
                run(server.get("good", "/ok", route: route), on: transport).failure?.kind == .tls)
        }

        // MARK: Plain http

        @Test("MET-03 Plain http is refused unless the route admits it, and but to this machine")
        func plain() {
            var route = server.route
            route.allowsPlainHTTP = false
            #expect(run(server.get("plain", "/ok", route: route)).failure?.kind == .misuse)
            var far = server.get("plain", "/ok")
            far.url = "http://192.0.2.1/"
            #expect(run(far).failure?.kind == .forbiddenAddress)
            route.allowsPlainHTTP = true
            route.proxy = "http://127.0.0.1:1"
            #expect(run(server.get("plain", "/ok", route: route)).failure?.kind == .misuse)
        }

        // MARK: Proxies

        @Test("MET-08 Proxies of the environment are ignored")
        func environment() throws {
            let names = ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
            for name in names { setenv(name, "http://127.0.0.1:1", 1) }
            defer { for name in names { unsetenv(name) } }
            #expect(try run(server.get("good", "/ok")).get().status == 200)
            #expect(try run(server.get("plain", "/ok")).get().status == 200)
        }

        @Test("The route's proxy is used, whatever no_proxy says, and sees no header field of ours")
        func proxy() throws {
            setenv("no_proxy", "*", 1)
            defer { unsetenv("no_proxy") }
            var route = server.route
            route.proxy = ByteString("http://127.0.0.1:\(server.port("proxy"))")
            var request = server.get("good", "/echo", route: route)
            request.headers = [HeaderField("Authorization", "Basic c2VjcmV0")]
            let answer = try run(request).get()
            #expect(answer.headers.only("x-proxy") == nil)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("Basic c2VjcmV0"))
            #expect(try server.count("proxy 127.0.0.1:\(server.port("good"))") == 1)
            #expect(try !server.text("proxy head").contains("Basic"))
        }

        @Test("MET-06 A proxy may stand on a private address; what is asked of it may not")
        func proxyAddress() throws {
            let route = NetworkRoute(
                caFile: server.caFile,
                proxy: ByteString("http://127.0.0.1:\(server.port("proxy"))"),
                addresses: .publicOnly)
            // The proxy answers for any name: the certificate alone is wrong then.
            let named = server.get("elsewhere", "/ok", host: "idp.example", route: route)
            #expect(try run(named).get().status == 200)
            for host in [
                "127.0.0.1", "10.0.0.1", "[::1]", "localhost", "0x7f000001", "127.1", "2130706433",
            ] {
                let failure = run(server.get("good", "/ok", host: host, route: route)).failure
                #expect(failure?.kind == .forbiddenAddress, "\(host)")
            }
        }

        @Test("A proxy that refuses to connect sent nothing on")
        func refusingProxy() {
            var route = server.route
            route.proxy = ByteString("http://127.0.0.1:\(server.port("proxy"))")
            let failure = run(server.get("good", "/ok", host: "refused.example", route: route))
                .failure
            #expect(failure?.kind == .connect)
            #expect(failure?.mayHaveBeenSent == false)
        }

        // MARK: Addresses

        @Test(
            "MET-06 Literal addresses that are not public are refused",
            arguments: [
                "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1",
                "169.254.169.254",
                "100.64.0.1", "0.0.0.0", "224.0.0.1", "192.0.2.1", "[::1]", "[::]", "[fe80::1]",
                "[fc00::1]", "[fd12::1]", "[ff02::1]", "[::ffff:10.0.0.1]", "[::ffff:8.8.8.8]",
                "[2001:db8::1]", "[2002:7f00:1::]", "[64:ff9b::7f00:1]", "localhost", "a.localhost",
                "2130706433", "0x7f.1", "017700000001",
            ])
        func forbidden(host: String) {
            let request = OutboundRequest(
                .get, ByteString("https://\(host):\(server.port("good"))/ok"),
                route: NetworkRoute(caFile: server.caFile, addresses: .publicOnly), timeout: 1_000,
                bodyLimit: 10)
            let failure = run(request).failure
            #expect(failure?.kind == .forbiddenAddress)
            #expect(failure?.mayHaveBeenSent == false)
        }

        @Test(
            "MET-06 The socket's address decides, not the name: rebinding leads nowhere"
        )
        func socketAddress() throws {
            let exchange = try Exchange(
                id: 1,
                OutboundRequest(
                    .get, "https://idp.example/", route: NetworkRoute(addresses: .publicOnly),
                    timeout: 1_000, bodyLimit: 10))
            for text in ["127.0.0.1", "10.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1"]
                as [ByteString]
            {
                let address = try #require(InternetAddress(text))
                #expect(
                    exchange.openSocket(family: AF_INET, type: 1, protocol: 0, to: address) == -1)
                #expect(!exchange.mayBeSent(to: address))
            }
            #expect(exchange.openSocket(family: AF_INET, type: 1, protocol: 0, to: nil) == -1)
            #expect(exchange.mayHaveBeenSent == false)
            let descriptor = exchange.openSocket(
                family: AF_INET, type: 1, protocol: 0, to: InternetAddress("93.184.216.34"))
            #expect(descriptor >= 0)
            Foundation.close(descriptor)
        }

        /// A name that is neither `localhost` nor public: this machine's own, if it has one.
        static var ownName: String? {
            let text = ProcessInfo.processInfo.hostName
            var list: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(text, nil, nil, &list) == 0, let first = list else { return nil }
            defer { freeaddrinfo(first) }
            let address = InternetAddress(
                first.pointee.ai_addr, length: Int(first.pointee.ai_addrlen))
            return address?.isPublic == false && URLReference("https://\(ByteString(text))/") != nil
                ? text : nil
        }

        @Test(
            "MET-06 A name that resolves to a private address is refused",
            .enabled(if: ownName != nil))
        func resolved() throws {
            let request = OutboundRequest(
                .get, ByteString("https://\(try #require(Self.ownName)):\(server.port("good"))/ok"),
                route: NetworkRoute(caFile: server.caFile, addresses: .publicOnly), timeout: 2_000,
                bodyLimit: 10)
            #expect(run(request).failure?.kind == .forbiddenAddress)
        }

        @Test("MET-06 A connection made under a wider rule is not used by a stricter one")
        func reusedConnection() throws {
            let exchange = try Exchange(
                id: 1,
                OutboundRequest(
                    .post, "https://idp.example/", route: NetworkRoute(addresses: .publicOnly),
                    timeout: 1_000, bodyLimit: 10))
            #expect(!exchange.mayBeSent(to: InternetAddress("192.168.1.1")))
            #expect(exchange.outcome(.init(42)).failure?.kind == .forbiddenAddress)
            #expect(exchange.mayBeSent(to: InternetAddress("8.8.8.8")))
            // The second bar against a token request sent twice.
            #expect(!exchange.mayBeSent(to: InternetAddress("8.8.8.8")))
            #expect(exchange.outcome(.init(42)).failure?.mayHaveBeenSent == true)
        }

        @Test(
            "Public addresses are public",
            arguments: [
                "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
                "198.17.0.1", "198.20.0.1", "2606:2800:220:1::1", "2a00::1", "64:ff9b::808:808",
            ])
        func publicAddresses(text: String) {
            #expect(InternetAddress(ByteString(text))?.isPublic == true)
        }

        @Test("Loopback is the whole of 127.0.0.0/8 and ::1, nothing else")
        func loopback() {
            for text in ["127.0.0.1", "127.255.0.3", "::1"] as [ByteString] {
                #expect(InternetAddress(text)?.isLoopback == true)
            }
            for text in ["128.0.0.1", "::2", "::ffff:127.0.0.1", "0.0.0.0"] as [ByteString] {
                #expect(InternetAddress(text)?.isLoopback == false)
            }
        }
    }
}
