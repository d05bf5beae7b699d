import CShims
import Glibc

/// A thread of the library's own: named, with a small stack, and with all signals blocked, so that
/// a host's signal handlers never run on it.
@safe
struct POSIXThread: @unchecked Sendable {
    private let handle: pthread_t

    /// In bytes.
    private static let stackSize = 512 * 1_024

    /// What the new thread is handed.
    private final class Work: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// Corresponds to `pthread_create`.
    /// - Parameter name: at most 15 bytes are shown.
    static func start(
        _ name: String, _ body: @escaping @Sendable () -> Void
    ) throws(RuntimeFailure) -> POSIXThread {
        var attributes = pthread_attr_t()
        var (all, before) = (sigset_t(), sigset_t())
        var handle = pthread_t()
        // SAFETY: each call gets initialised variables of ours that outlive it.  A thread starts
        // with the mask of its maker, which is put back right after.
        guard unsafe pthread_attr_init(&attributes) == 0 else { throw .thread }
        defer { unsafe pthread_attr_destroy(&attributes) }
        guard unsafe pthread_attr_setstacksize(&attributes, stackSize) == 0,
            unsafe sigfillset(&all) == 0,
            unsafe pthread_sigmask(SIG_SETMASK, &all, &before) == 0
        else { throw .thread }
        defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
        // SAFETY: the retain is taken over by the thread, or below where there is none.
        let work = unsafe Unmanaged.passRetained(Work(name: name, body: body))
        guard unsafe pthread_create(&handle, &attributes, run, work.toOpaque()) == 0 else {
            unsafe work.release()
            throw .thread
        }
        return POSIXThread(handle: handle)
    }

    private typealias Entry =
        @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

    private static let run: Entry = { context in
        guard let context = unsafe context else { return nil }
        // SAFETY: takes over the retain of `start`.
        let work = unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        _ = unsafe work.name.withCString { unsafe cshims_set_thread_name($0) }
        work.body()
        return nil
    }

    /// Waits for the thread's end; to be called once.  Corresponds to `pthread_join`.
    func join() { pthread_join(handle, nil) }
}
