import CCurl
import CShims
import Encodings
import Glibc

// What libcurl calls.  Each context is the `Exchange` that owns the transfer: see
// `EasyHandle.setCallbacks`.

// SAFETY (all four): libcurl hands back the context that was set, and memory that is valid for the
// call, of the size that it names.
private func exchange(_ context: UnsafeMutableRawPointer?) -> Exchange? {
    guard let context = unsafe context else { return nil }
    return unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
}

/// For CURLOPT_WRITEFUNCTION: takes all, or none and so ends the transfer.
func exchangeBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let length = size &* count
    let taken = unsafe exchange(context)?.take(
        body: UnsafeRawBufferPointer(start: bytes, count: length))
    return taken == true ? length : Int(CURL_WRITEFUNC_ERROR)
}

/// For CURLOPT_HEADERFUNCTION: one line a call.
func exchangeHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    let length = size &* count
    let taken = unsafe exchange(context)?.take(
        line: UnsafeRawBufferPointer(start: bytes, count: length))
    return taken == true ? length : Int(CURL_WRITEFUNC_ERROR)
}

/// For CURLOPT_OPENSOCKETFUNCTION.
func exchangeSocket(
    _ context: UnsafeMutableRawPointer?, _ purpose: curlsocktype,
    _ address: UnsafeMutablePointer<curl_sockaddr>?
) -> curl_socket_t {
    guard let address = unsafe address, let exchange = unsafe exchange(context),
        let target = unsafe cshims_curl_address(address)
    else { return -1 }
    return unsafe exchange.openSocket(
        family: address.pointee.family, type: address.pointee.socktype,
        protocol: address.pointee.protocol,
        to: InternetAddress(target, length: Int(address.pointee.addrlen)))
}

/// For CURLOPT_PREREQFUNCTION: the connection stands, the request is next.
func exchangePrerequest(
    _ context: UnsafeMutableRawPointer?, _ address: UnsafeMutablePointer<CChar>?,
    _ localAddress: UnsafeMutablePointer<CChar>?, _ port: Int32, _ localPort: Int32
) -> Int32 {
    guard let address = unsafe address, let exchange = unsafe exchange(context) else {
        return CURL_PREREQFUNC_ABORT
    }
    let text = ByteString(unsafe String(cString: address))
    return exchange.mayBeSent(to: InternetAddress(text))
        ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}
