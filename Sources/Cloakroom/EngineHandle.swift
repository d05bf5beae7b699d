import CCloakroom
import Configuration
import Encodings
import Engine
import Observability
import Runtime

/// `cloakroom_engine`.
@safe final class EngineHandle {
    let driver: EngineDriver
    let endpoints: EndpointTable
    /// By ``place(_:_:)``.
    private let policies: [[(name: ByteString, guarded: Guarded)]]
    private let log: cloakroom_log_fn?
    private let logData: UnsafeMutableRawPointer?

    init(_ driver: EngineDriver, _ log: cloakroom_log_fn?, _ logData: UnsafeMutableRawPointer?) {
        self.driver = driver
        endpoints = EndpointTable(driver.configuration)
        var policies = Array(repeating: [(name: ByteString, guarded: Guarded)](), count: 64)
        for (name, guarded) in driver.configuration.guarded {
            policies[Self.place(name.count, name.bytes.last ?? 0)].append((name, guarded))
        }
        self.policies = policies
        unsafe self.log = log
        unsafe self.logData = logData
    }

    func guarded(_ policy: Span<UInt8>) -> Guarded? {
        let count = policy.count
        let place = Self.place(count, count > 0 ? policy[count &- 1] : 0)
        let entries = policies[place]
        for index in entries.indices where entries[index].name.isEqual(to: policy) {
            return entries[index].guarded
        }
        return nil
    }

    /// A hash that is enough for a host's few dozen policies, which are often numbered.
    private static func place(_ count: Int, _ last: UInt8) -> Int {
        (Int(last) &+ count &* 16) & 63
    }

    /// Hands out what the library's threads had to say, on the host's thread.
    func deliverLog() {
        guard driver.hasLogLines else { return }
        for line in driver.takeLogLines() { deliver(line) }
    }

    func deliver(_ line: LogLine) {
        guard let log = unsafe log else { return }
        unsafe line.text.withSlice { slice in
            // SAFETY: the host's own function and data, as it handed them over.
            unsafe log(logData, line.level.rawValue, slice)
        }
    }
}
