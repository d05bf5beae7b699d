import CurlTransport
import Synchronization

/// How the library's threads are woken.
final class Wakers: Sendable {
    let store = Event()
    let io = Event()
    private let transport = AtomicLazyReference<TransportWaker>()

    /// To be called before the I/O thread first looks at what there is to do: whoever came before
    /// has left it where that thread looks.
    func setTransport(_ waker: TransportWaker) { _ = transport.storeIfNil(waker) }

    func wakeIO() {
        if let waker = transport.load() { waker.wake() } else { io.happen() }
    }
}
