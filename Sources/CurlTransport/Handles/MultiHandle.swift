import CCurl
import CShims
import Locks

/// The set of transfers that run, with the connections that they share.
@safe
final class MultiHandle {
    private let pointer: UnsafeMutableRawPointer
    let waker: TransportWaker

    /// Corresponds to `curl_global_init`, which counts its callers, and `curl_multi_init`.
    init?() {
        guard curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else { return nil }
        guard let pointer = unsafe curl_multi_init() else {
            curl_global_cleanup()
            return nil
        }
        unsafe self.pointer = pointer
        waker = unsafe TransportWaker(pointer)
    }

    /// Corresponds to `curl_multi_cleanup` and `curl_global_cleanup`.
    deinit {
        waker.close()
        unsafe curl_multi_cleanup(pointer)
        curl_global_cleanup()
    }

    func set(_ option: CURLMoption, _ value: Int) -> Bool {
        unsafe cshims_curl_multi_set_long(pointer, option, value) == CURLM_OK
    }
    func add(_ easy: EasyHandle) -> Bool {
        unsafe curl_multi_add_handle(pointer, easy.pointer) == CURLM_OK
    }
    func remove(_ easy: EasyHandle) { unsafe curl_multi_remove_handle(pointer, easy.pointer) }

    func wait(milliseconds: Int32) {
        unsafe curl_multi_poll(pointer, nil, 0, milliseconds, nil)
    }

    /// Moves all transfers on as far as they go without waiting.
    /// - Returns: the handles of those that have ended since.
    func perform() -> [(UnsafeMutableRawPointer, CURLcode)] {
        var running: Int32 = 0
        unsafe curl_multi_perform(pointer, &running)
        var ended = unsafe [(UnsafeMutableRawPointer, CURLcode)]()
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(pointer, &left) {
            // SAFETY: the message lives until the next call on this multi handle; `result` is the
            // field that CURLMSG_DONE fills.
            guard unsafe message.pointee.msg == CURLMSG_DONE,
                let easy = unsafe message.pointee.easy_handle
            else { continue }
            unsafe ended.append((easy, message.pointee.data.result))
        }
        return unsafe ended
    }
}

/// Ends a transport's wait from any thread, also after the transport is gone.
package final class TransportWaker: Sendable {
    private let target: Locked<Target>

    @safe
    private struct Target: @unchecked Sendable { var pointer: UnsafeMutableRawPointer? }

    // SAFETY: curl_multi_wakeup is the one function of a multi handle that other threads may call;
    // the lock keeps the handle alive meanwhile.
    init(_ pointer: UnsafeMutableRawPointer) {
        target = unsafe Locked(Target(pointer: pointer))
    }

    /// Corresponds to `curl_multi_wakeup`.
    package func wake() {
        target.withLock { target in
            if let pointer = unsafe target.pointer { unsafe curl_multi_wakeup(pointer) }
        }
    }

    func close() { target.withLock { unsafe $0.pointer = nil } }
}
