import CCloakroom
import Configuration
import Encodings
import Engine
import HTTPMessages
import Observability
import Runtime

/// The opaque handles of the C interface, and how they are owned.
///
/// One function makes a handle: it holds one reference, which the matching `_free` gives back.
/// Every other function borrows.

/// `cloakroom_config`.
final class ConfigHandle {
    var draft = ConfigurationDraft()
}

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
        for entry in policies[place] where entry.name.isEqual(to: policy) { return entry.guarded }
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
        unsafe line.text.withCString { slice in
            // SAFETY: the host's own function and data, as it handed them over.
            unsafe log(logData, line.level.rawValue, slice)
        }
    }
}

extension ByteString {
    /// Lends the bytes for the time of a call.
    func withCString(_ body: (cloakroom_str) -> Void) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe buffer.withMemoryRebound(to: CChar.self) { letters in
                // SAFETY: lent for the time of the call only.
                unsafe body(cloakroom_str(data: letters.baseAddress, len: letters.count))
            }
        }
    }
}

/// How a handle becomes a pointer and back.
enum Handle {
    static func give<Object: AnyObject>(_ object: Object) -> OpaquePointer {
        // SAFETY: the reference is given back by `take`.
        unsafe OpaquePointer(Unmanaged.passRetained(object).toOpaque())
    }

    /// - Parameter pointer: of a handle of that very type, or nil: the host's promise.
    static func borrow<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) -> Object? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: made by `give` and not yet taken, as the header demands of the host.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
    }

    /// The same for a look that is over when it returns: without a count of who holds the object,
    /// which the host does meanwhile.
    static func look<Object: AnyObject, Result>(
        _ pointer: OpaquePointer?, _: Object.Type, _ body: (Object) -> Result?
    ) -> Result? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: as for `borrow`.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer))
            ._withUnsafeGuaranteedRef { body($0) }
    }

    static func take<Object: AnyObject>(_ pointer: OpaquePointer?, _: Object.Type) -> Object? {
        guard let pointer = unsafe pointer else { return nil }
        // SAFETY: made by `give`; freed once, as the header demands of the host.
        return unsafe Unmanaged<Object>.fromOpaque(UnsafeRawPointer(pointer)).takeRetainedValue()
    }
}
