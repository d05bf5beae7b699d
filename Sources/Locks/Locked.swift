package import Glibc

/// A value, and the lock without which nobody gets at it.
///
/// Not `Synchronization.Mutex`: with that one each module keeps the calling thread's id for good, a
/// fork does not clear it, and in the child of a process that had ever locked one, two threads that
/// meet at a lock end the process.
@safe
package struct Locked<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    @usableFromInline package let mutex: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline package let value: UnsafeMutablePointer<Value>

    /// Corresponds to `pthread_mutex_init`.
    package init(_ value: consuming sending Value) {
        // SAFETY: both places are ours until `deinit`, and stay where they are.
        unsafe mutex = .allocate(capacity: 1)
        unsafe mutex.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(mutex, nil)
        unsafe self.value = .allocate(capacity: 1)
        unsafe self.value.initialize(to: value)
    }

    /// Runs the body while no other thread is inside; never to be called from within itself.
    @inlinable @inline(__always)
    package borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        // SAFETY: made by `init`; the lock keeps the value to one thread at a time.
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return try unsafe body(&value.pointee)
    }

    deinit {
        // SAFETY: made by `init`, and by now nobody can be inside.
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }
}
