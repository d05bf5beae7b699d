import CCurl
import CShims
import Encodings
import Glibc
import HTTPMessages

/// One request on its way and the answer as far as it has come.
///
/// Whether a byte may have left is known from the moment that libcurl says "connected, TLS
/// included, the request is next" (CURLOPT_PREREQFUNCTION): before it, nothing has; from it on,
/// the outcome is unknown until the answer is there.
final class Exchange {
    let id: UInt64
    let easy: EasyHandle
    private let rule: AddressRule
    private let isPost: Bool
    private let headers: HeaderList
    private let body: RequestBody
    private(set) var mayHaveBeenSent = false
    private var assembly: ResponseAssembly
    private var refusal: Refusal?

    /// Why one of our own functions ended the exchange.
    private enum Refusal { case forbiddenAddress, sentBefore, descriptors }

    init(id: UInt64, _ request: OutboundRequest) throws(TransportFailure) {
        let (url, rule) = try Self.admit(request)
        guard let easy = EasyHandle() else { throw Self.misuse("libcurl has no memory") }
        self.id = id
        self.easy = easy
        self.rule = rule
        isPost = request.method == .post
        headers = try Self.headerList(request)
        body = RequestBody(request.body)
        assembly = ResponseAssembly(bodyLimit: request.bodyLimit)
        easy.setLimits(of: request)
        easy.setRoute(request.route, isPlain: !url.isSecure)
        easy.setRequest(request, headers: headers, body: body)
        easy.setCallbacks(for: self)
        guard easy.isUsable else { throw Self.misuse("libcurl lacks an option that we need") }
    }

    // MARK: What may be asked for

    private static func admit(
        _ request: OutboundRequest
    ) throws(TransportFailure) -> (URLReference, AddressRule) {
        guard let url = URLReference(request.url) else { throw misuse("not a usable URL") }
        let route = request.route
        guard !url.isSecure else {
            let rule: AddressRule = route.addresses == .any ? .any : .publicOnly
            guard rule.admitsText(of: url) else { throw forbidden() }
            // The address that we connect to is the proxy's, which the operator named.
            return (url, route.proxy == nil ? rule : .any)
        }
        // Tokens and secrets in clear: on this machine only, and not through a proxy.
        guard route.allowsPlainHTTP, route.proxy == nil else { throw misuse("plain http") }
        guard url.isLoopback, route.addresses == .any else { throw forbidden() }
        return (url, .loopbackOnly)
    }

    private static func headerList(
        _ request: OutboundRequest
    ) throws(TransportFailure) -> HeaderList {
        var list = HeaderList()
        for field in request.headers {
            guard list.append(field) else { throw misuse("not a usable header field") }
        }
        guard list.suppress("Expect") else { throw misuse("libcurl has no memory") }
        return list
    }

    // MARK: What libcurl asks and brings

    func take(line: UnsafeRawBufferPointer) -> Bool {
        // SAFETY: copied before libcurl's callback returns.
        assembly.take(line: ByteString(unsafe Array(line)))
    }
    func take(body: UnsafeRawBufferPointer) -> Bool { unsafe assembly.take(body: body) }

    /// - Returns: a socket, or -1: libcurl then goes on with the host's next address.
    func openSocket(
        family: Int32, type: Int32, protocol number: Int32, to address: InternetAddress?
    ) -> Int32 {
        guard rule.admits(address) else {
            refusal = .forbiddenAddress
            return -1
        }
        let descriptor = socket(family, type | Int32(SOCK_CLOEXEC.rawValue), number)
        if descriptor < 0 { refusal = refusal ?? .descriptors }
        return descriptor
    }

    /// - Returns: false where the request must not be sent on the connection that libcurl chose.
    func mayBeSent(to address: InternetAddress?) -> Bool {
        guard rule.admits(address) else {
            refusal = .forbiddenAddress
            return false
        }
        // libcurl repeats a request by itself when a connection that it used again is closed
        // before a byte of the answer.  A token request that is sent twice looks like a stolen
        // refresh token and ends the session at the provider.
        guard !(isPost && mayHaveBeenSent) else {
            refusal = .sentBefore
            return false
        }
        mayHaveBeenSent = true
        return true
    }

    // MARK: How it ended

    func outcome(_ code: CURLcode) -> Result<OutboundResponse, TransportFailure> {
        guard code == CURLE_OK else { return .failure(failure(code)) }
        return .success(
            OutboundResponse(status: easy.status, headers: assembly.headers, body: assembly.body))
    }

    var failureOfShutdown: TransportFailure {
        TransportFailure(
            .shutdown, mayHaveBeenSent: mayHaveBeenSent, detail: "cut off by the engine's end")
    }

    private func failure(_ code: CURLcode) -> TransportFailure {
        let kind: TransportFailure.Kind
        switch (refusal, code) {
        case (.forbiddenAddress, CURLE_COULDNT_CONNECT),
            (.forbiddenAddress, CURLE_ABORTED_BY_CALLBACK):
            return Self.forbidden()
        case (.descriptors, CURLE_COULDNT_CONNECT): kind = .busy
        case _ where assembly.isTooLarge: kind = .tooLarge
        default: kind = .init(code, wasConnected: mayHaveBeenSent)
        }
        return TransportFailure(
            kind, mayHaveBeenSent: mayHaveBeenSent, detail: easy.explanation(of: code))
    }

    private static func forbidden() -> TransportFailure {
        TransportFailure(
            .forbiddenAddress, mayHaveBeenSent: false,
            detail: "the host's address is not one that this route admits")
    }
    private static func misuse(_ detail: ByteString) -> TransportFailure {
        TransportFailure(.misuse, mayHaveBeenSent: false, detail: detail)
    }
}
