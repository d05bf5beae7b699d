import CCurl
import CShims
import Encodings
import HTTPMessages

extension EasyHandle {
    func setLimits(of request: OutboundRequest) {
        let timeout = Int(clamping: min(max(request.timeout, 1), 600_000))
        set(CURLOPT_TIMEOUT_MS, timeout)
        set(
            CURLOPT_CONNECTTIMEOUT_MS,
            min(Int(clamping: max(request.route.connectTimeout, 1)), timeout))
        // A length that is announced ends the exchange before its first byte; one that is not is
        // counted as it comes.  No encoding is asked for: nothing unpacks (MET-08).
        set(CURLOPT_MAXFILESIZE_LARGE, offset: max(request.bodyLimit, 1))
        set(CURLOPT_MAXAGE_CONN, 30)
        set(CURLOPT_NOSIGNAL, 1)
        // Else the end of an exchange waits for a name service that does not answer.
        set(CURLOPT_QUICK_EXIT, 1)
    }

    func setRoute(_ route: NetworkRoute, isPlain: Bool) {
        set(CURLOPT_PROTOCOLS_STR, isPlain ? "http" : "https")
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        if let file = route.caFile {
            set(CURLOPT_CAINFO, file)
            // Else the system's directory would be trusted beside the file.
            set(CURLOPT_CAPATH, nil)
        }
        // Empty, not absent: else http_proxy and no_proxy of the environment would count.
        set(CURLOPT_PROXY, route.proxy ?? "")
        set(CURLOPT_NOPROXY, "")
        if route.proxy != nil {
            set(CURLOPT_HTTPPROXYTUNNEL, 1)
            set(CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
            set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        }
    }

    /// - Parameters: both must live as long as the handle.
    func setRequest(
        _ request: OutboundRequest, headers: borrowing HeaderList, body: borrowing RequestBody
    ) {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        // A redirect would carry secrets where nobody has looked (MET-05).
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_HTTP09_ALLOWED, 0)
        set(CURLOPT_USERAGENT, "cloakroom/0.1")
        // SAFETY: the list lives as long as the exchange, which owns this handle.
        note(unsafe cshims_curl_set_headers(pointer, headers.pointer))
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .post:
            set(CURLOPT_POST, 1)
            set(CURLOPT_POSTFIELDSIZE_LARGE, offset: body.count)
            unsafe set(CURLOPT_POSTFIELDS, pointer: body.start)
            // libcurl 7.88 sends a request again, unasked, when a connection that it used again
            // turns out closed.  What must not be sent twice gets a connection of its own; see
            // `Exchange.mayBeSent` for the second bar.
            set(CURLOPT_FRESH_CONNECT, 1)
            set(CURLOPT_FORBID_REUSE, 1)
        }
    }

    /// - Parameter exchange: must live as long as the handle.
    func setCallbacks(for exchange: Exchange) {
        // SAFETY: the exchange owns this handle and outlives it; libcurl calls back only inside
        // calls on the transport's thread.
        let context = unsafe Unmanaged.passUnretained(exchange).toOpaque()
        unsafe set(CURLOPT_WRITEDATA, pointer: context)
        unsafe set(CURLOPT_HEADERDATA, pointer: context)
        unsafe set(CURLOPT_OPENSOCKETDATA, pointer: context)
        unsafe set(CURLOPT_PREREQDATA, pointer: context)
        note(unsafe cshims_curl_set_body_function(pointer, exchangeBody))
        note(unsafe cshims_curl_set_header_function(pointer, exchangeHeader))
        note(unsafe cshims_curl_set_socket_function(pointer, exchangeSocket))
        note(unsafe cshims_curl_set_prerequest_function(pointer, exchangePrerequest))
    }
}
