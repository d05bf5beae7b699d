import CurlTransport
import Synchronization

/// How the library's threads are woken.
final class Wakers: Sendable {
    let store = Event()
    private let transport = AtomicLazyReference<TransportWaker>()

    /// To be called before the I/O thread first looks at what there is to do.
    func setTransport(_ waker: TransportWaker) { _ = transport.storeIfNil(waker) }

    /// Without effect before there is a transport, as its thread looks by itself first.
    func wakeIO() { transport.load()?.wake() }
}
