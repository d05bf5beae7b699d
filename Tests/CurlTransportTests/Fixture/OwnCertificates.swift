import Foundation
import Synchronization

/// A thread that sees another directory in the place of the system's certificates.
///
/// Needs root: the thread gets a view of the file systems of its own, which ends with it.
enum OwnCertificates {
    static let path = "/etc/ssl/certs"

    static func seeing<Result: Sendable>(
        _ directory: String, _ body: @escaping @Sendable () -> Result
    ) throws -> Result {
        let outcome = Outcome<Result>()
        let thread = Thread {
            let isSeen =
                unshareMounts() == 0
                && mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0
                && mount(directory, path, nil, UInt(MS_BIND), nil) == 0
            outcome.set(isSeen ? body() : nil)
        }
        thread.start()
        guard let result = outcome.wait() else { throw CocoaError(.fileReadNoPermission) }
        return result
    }

    /// `unshare(CLONE_NEWNS)`, which Swift does not know.
    private static func unshareMounts() -> CInt {
        guard let address = dlsym(dlopen(nil, RTLD_NOW), "unshare") else { return -1 }
        let unshare = unsafeBitCast(address, to: (@convention(c) (CInt) -> CInt).self)
        return unshare(0x0002_0000)
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let done = DispatchSemaphore(value: 0)
        private let value = Mutex<Value?>(nil)

        func set(_ new: Value?) {
            value.withLock { $0 = new }
            done.signal()
        }
        func wait() -> Value? {
            done.wait()
            return value.withLock { $0 }
        }
    }
}
