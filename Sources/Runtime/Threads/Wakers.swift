import CurlTransport
import Locks

/// How the library's threads are woken.
final class Wakers: Sendable {
    let store = Event()
    let io = Event()
    private let transport = Locked<TransportWaker?>(nil)

    /// To be called before the I/O thread first looks at what there is to do: whoever came before
    /// has left it where that thread looks.
    func setTransport(_ waker: TransportWaker) {
        transport.withLock { $0 = waker }
    }

    func wakeIO() {
        if let waker = transport.withLock({ $0 }) { waker.wake() } else { io.happen() }
    }
}
