import CShims
import Glibc

/// What a forked child must forget of its parent.
///
/// The Swift runtime keeps the id of each thread and does not notice a fork: the child's first
/// thread goes on with the parent's id.  Where it and another thread then meet at the first use of
/// the same global, the kernel refuses the lock that names a stranger, and both try for ever.  In
/// nginx that is a worker which hangs in its first moments, once in some dozens of starts.
enum Fork {
    /// Call before anything of the library can run in a parent; further calls do nothing.
    static func prepare() { _ = isPrepared }

    // The handler is never unloaded: the library is linked with -z nodelete.
    private static let isPrepared: Bool =
        pthread_atfork(nil, nil) { cshims_forget_thread_id() } == 0
}
