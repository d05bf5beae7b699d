import Foundation

/// Another process.
final class Command {
    private let process = Process()
    private let output = Pipe()

    static func run(_ program: String, _ arguments: [String]) throws -> Int32 {
        let command = try start(program, arguments)
        return command.wait()
    }

    static func start(_ program: String, _ arguments: [String]) throws -> Command {
        let command = Command()
        command.process.executableURL = URL(fileURLWithPath: program)
        command.process.arguments = arguments
        command.process.standardOutput = command.output
        try command.process.run()
        return command
    }

    /// The next line of its output.
    func line() -> String {
        var bytes: [UInt8] = []
        while let byte = try? output.fileHandleForReading.read(upToCount: 1)?.first, byte != 0x0A {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @discardableResult
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus
    }

    func kill() {
        _ = Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
