import Encodings
import Engine
import HTTPMessages
import Sessions
import Testing

/// A browser: keeps cookies, follows the way through the provider.
struct Browser {
    private(set) var jar: [HeaderField] = []

    /// The value that is there once.
    subscript(_ name: ByteString) -> ByteString? { jar.only(name.lowercased) }

    var session: ByteString? { self["__Host-cloakroom"] }
    var attempts: [HeaderField] { jar.filter { $0.name.hasPrefix("__Host-cloakroom-login-") } }
    var cookieLine: ByteString {
        jar.map { $0.name + "=" + $0.value }.reduce("") { $0.isEmpty ? $1 : $0 + "; " + $1 }
    }

    mutating func set(_ name: ByteString, _ value: ByteString) {
        jar.removeAll { $0.name == name }
        jar.append(HeaderField(name, value))
    }

    func request(_ request: TestRequest) -> TestRequest {
        jar.isEmpty ? request : request.cookie(cookieLine)
    }

    mutating func ask(_ request: TestRequest, _ bench: Bench) throws -> Decision {
        let decision = try #require(bench.ask(self.request(request)))
        take(decision)
        return decision
    }

    mutating func take(_ decision: Decision) {
        for cookie in decision.setCookies {
            let (pair, _) = cookie.divided(at: 0x3B) ?? (cookie, "")
            guard let (name, value) = pair.divided(at: 0x3D) else { continue }
            jar.removeAll { $0.name == name }
            if !value.isEmpty { jar.append(HeaderField(name, value)) }
        }
    }

    /// Goes to the login.
    /// - Returns: what the provider is asked.
    mutating func beginLogin(
        _ bench: Bench, returnTo: ByteString? = nil
    ) throws -> Parameters {
        let query = returnTo.map { "?" + FormEncoding.encode([("return_to", $0)]) } ?? ""
        let decision = try ask(.page("/auth/login" + query), bench)
        let location = try #require(decision.header("Location"))
        let parameters = Parameters(try #require(URLReference(location)?.query))
        bench.world.provider.nonce = try #require(parameters["nonce"])
        return parameters
    }

    /// Comes back with a code.
    func callback(
        _ parameters: Parameters, code: ByteString = "code", _ more: (ByteString, ByteString)...
    ) throws -> TestRequest {
        let state = try #require(parameters["state"])
        let query = FormEncoding.encode([("code", code), ("state", state)] + more)
        var request = TestRequest.page("/auth/callback?" + query).without("Sec-Fetch-Site")
        request.headers.append(("Sec-Fetch-Site", "cross-site"))
        return request
    }

    mutating func signIn(_ bench: Bench, returnTo: ByteString? = nil) throws -> Decision {
        let parameters = try beginLogin(bench, returnTo: returnTo)
        return try ask(try callback(parameters), bench)
    }

    static func signedIn(_ bench: Bench) throws -> Browser {
        var browser = Browser()
        let decision = try browser.signIn(bench)
        try #require(decision.reason == .loginCompleted)
        try #require(browser.session != nil)
        return browser
    }

    var rowKey: RowKey? { session.flatMap { SessionTicket(cookieValue: $0) }?.rowKey }
}

extension Decision {
    func header(_ name: ByteString) -> ByteString? { clientHeaders.only(name.lowercased) }
    var setCookies: [ByteString] {
        clientHeaders.filter { $0.name == "Set-Cookie" }.map(\.value)
    }
    var status: Int? {
        if case .respond(let status, _) = outcome { status } else { nil }
    }
    var body: ByteString {
        if case .respond(_, let body) = outcome { body } else { "" }
    }
    var json: JSONObject? { try? JSONObject.parse(body.bytes) }

    /// What an upstream gets of the request's headers, as a host applies the edits.
    func upstream(_ request: TestRequest) -> [HeaderField] {
        func plain(_ name: ByteString) -> ByteString {
            ByteString(name.lowercased.bytes.map { $0 == 0x5F ? 0x2D : $0 })
        }
        let edited = Set(upstreamEdits.map { plain($0.name) })
        return request.headers.filter { !edited.contains(plain($0.0)) }
            .map { HeaderField($0.0, $0.1) }
            + upstreamEdits.compactMap { edit in edit.value.map { HeaderField(edit.name, $0) } }
    }
}
