import Encodings
import Foundation

/// The Python provider, started once for all tests of this target.
struct TestProvider: Sendable {
    let issuer: ByteString
    private let record: String

    static let shared = try! TestProvider()
    /// Kept for the life of the tests: the provider ends when this pipe does.
    private nonisolated(unsafe) static var input = Pipe()

    private init() throws {
        record = NSTemporaryDirectory() + "cloakroom-provider-\(UUID().uuidString)"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", providerScript, record]
        let output = Pipe()
        process.standardInput = Self.input
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        issuer = ByteString("http://127.0.0.1:" + line.filter(\.isNumber))
    }

    /// Which refresh tokens the token endpoint has seen.
    func asked() -> [Substring] {
        ((try? String(contentsOfFile: record, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}
