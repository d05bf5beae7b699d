import CShims
import Glibc

/// A descriptor that is readable while there is something to fetch.  Corresponds to `eventfd`.
///
/// Whoever calls holds the lock of what is to be fetched: then signal and contents never disagree.
struct EventDescriptor: ~Copyable {
    let number: Int32
    private var isRaised = false

    init() throws(RuntimeFailure) {
        number = cshims_eventfd()
        guard number >= 0 else { throw .descriptor }
    }

    deinit { close(number) }

    mutating func raise() {
        guard !isRaised else { return }
        isRaised = true
        var one: UInt64 = 1
        // SAFETY: writes the eight bytes of `one`.
        _ = unsafe write(number, &one, 8)
    }

    mutating func lower() {
        guard isRaised else { return }
        isRaised = false
        var count: UInt64 = 0
        // SAFETY: reads at most the eight bytes of `count`; never waits.
        _ = unsafe read(number, &count, 8)
    }
}
