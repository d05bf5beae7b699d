import Encodings
import Glibc
package import Sessions

/// The clock that leases run by: it counts on while the machine sleeps, no one can set it, and it
/// is the same for all processes of one boot.
package struct LeaseClock {
    /// Names the boot; a lease of another boot is over, since its owner is dead.
    package var boot: [UInt8]
    package var milliseconds: () -> Int64

    package init(boot: [UInt8], milliseconds: @escaping () -> Int64) {
        self.boot = boot
        self.milliseconds = milliseconds
    }

    /// This machine's.
    package static func system() throws(StoreFailure) -> LeaseClock {
        let path = "/proc/sys/kernel/random/boot_id"
        // SAFETY: the text ends in NUL and outlives the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        var boot = [UInt8](repeating: 0, count: 36)
        // SAFETY: writes at most the size of the array.
        let count = unsafe boot.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        guard count == boot.count else {
            throw StoreFailure(.unusable, detail: "cannot read \(path), which leases depend on")
        }
        return LeaseClock(boot: boot) {
            var time = timespec()
            // SAFETY: writes one timespec.
            unsafe clock_gettime(CLOCK_BOOTTIME, &time)
            return Int64(time.tv_sec) &* 1_000 &+ Int64(time.tv_nsec) / 1_000_000
        }
    }
}
