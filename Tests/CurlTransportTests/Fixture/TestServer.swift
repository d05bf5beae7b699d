import CurlTransport
import Encodings
import Foundation
import HTTPMessages

/// The Python server, started once for all tests of this target.
struct TestServer: Sendable {
    private let ports: [String: Int]
    let directory: String

    static let shared = try! TestServer()
    /// Kept for the life of the tests: the server ends when this pipe does.
    private nonisolated(unsafe) static var input = Pipe()

    private init() throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("cloakroom-transport-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        self.directory = directory.path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", "-c", serverScript, directory.path]
        let output = Pipe()
        process.standardInput = Self.input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 0x0A {
            let data = output.fileHandleForReading.availableData
            if data.isEmpty { break }
            line += data
        }
        ports = try JSONDecoder().decode([String: Int].self, from: line)
    }

    func port(_ name: String) -> Int { ports[name] ?? 0 }
    func url(_ name: String, _ path: String, host: String = "127.0.0.1") -> ByteString {
        ByteString("\(name == "plain" ? "http" : "https")://\(host):\(port(name))\(path)")
    }
    var caFile: ByteString { ByteString(directory + "/ca.pem") }
    var route: NetworkRoute {
        NetworkRoute(caFile: caFile, addresses: .any, allowsPlainHTTP: true)
    }

    /// How often a path has been asked for.
    func count(_ path: String) throws -> Int {
        let answer = try run(get("plain", "/counts")).get()
        let counts = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return counts?[path] as? Int ?? 0
    }
    func text(_ key: String) throws -> String {
        let answer = try run(get("plain", "/counts")).get()
        let counts = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        return counts?[key] as? String ?? ""
    }

    func get(
        _ name: String, _ path: String, host: String = "127.0.0.1", route: NetworkRoute? = nil,
        timeout: Int64 = 5_000, bodyLimit: Int = 100_000
    ) -> OutboundRequest {
        OutboundRequest(
            .get, url(name, path, host: host), route: route ?? self.route, timeout: timeout,
            bodyLimit: bodyLimit)
    }
    func post(_ name: String, _ path: String, _ body: ByteString) -> OutboundRequest {
        OutboundRequest(
            .post, url(name, path), body: body, route: route, timeout: 5_000, bodyLimit: 100_000)
    }
}

/// One exchange, from its submission to its end.
func run(
    _ request: OutboundRequest, on transport: CurlTransport? = CurlTransport()
) -> Result<OutboundResponse, TransportFailure> {
    guard let transport else {
        return .failure(TransportFailure(.misuse, mayHaveBeenSent: false, detail: "no transport"))
    }
    transport.submit(7, request)
    while true {
        if let (_, result) = transport.collect().first { return result }
        transport.wait(milliseconds: 1_000)
    }
}

extension Result where Failure == TransportFailure {
    var failure: TransportFailure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
