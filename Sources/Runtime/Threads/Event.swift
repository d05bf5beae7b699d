import Glibc

/// Something that one thread waits for and others make happen.  What happens before the wait is
/// not lost; several times count as one.
@safe
final class Event: @unchecked Sendable {
    // SAFETY: both objects stay at one place from `init` to `deinit`; `hasHappened` is touched with
    // the mutex held only.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var hasHappened = false

    init() {
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // Else a wait would end early or late when someone sets the wall clock.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func happen() {
        unsafe pthread_mutex_lock(mutex)
        hasHappened = true
        unsafe pthread_cond_signal(condition)
        unsafe pthread_mutex_unlock(mutex)
    }

    /// - Returns: whether it has happened; then it has to happen anew for the next wait.
    @discardableResult
    func wait(milliseconds: Int64) -> Bool {
        var deadline = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
        let pause = min(max(milliseconds, 0), 86_400_000)
        let nanoseconds = Int(deadline.tv_nsec) &+ Int(pause % 1_000) &* 1_000_000
        deadline.tv_sec = deadline.tv_sec &+ Int(pause / 1_000) &+ nanoseconds / 1_000_000_000
        deadline.tv_nsec = nanoseconds % 1_000_000_000
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while !hasHappened {
            guard unsafe pthread_cond_timedwait(condition, mutex, &deadline) == 0 else { break }
        }
        defer { hasHappened = false }
        return hasHappened
    }
}
