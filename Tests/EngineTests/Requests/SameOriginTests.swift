import Encodings
import Engine
import HTTPMessages
import Testing

/// Who may cause a request that carries the session cookie.
@Suite struct SameOriginTests {
    /// What a request says of where it comes from, and whether that admits it.
    struct Case: CustomTestStringConvertible {
        var method: ByteString
        var headers: [(ByteString, ByteString)]
        var isAdmitted: Bool

        init(_ method: ByteString, _ isAdmitted: Bool, _ headers: (ByteString, ByteString)...) {
            self.method = method
            self.headers = headers
            self.isAdmitted = isAdmitted
        }
        var testDescription: String {
            "\(method) \(headers.map { "\($0.0): \($0.1)" }.joined(separator: ", "))"
        }
    }

    static let site: ByteString = "Sec-Fetch-Site"
    static let mode: ByteString = "Sec-Fetch-Mode"
    static let destination: ByteString = "Sec-Fetch-Dest"
    static let own: ByteString = "https://app.example"

    static let unsafe: [Case] = [
        // The first proof that is present decides.
        Case("POST", true, (site, "same-origin")),
        Case("POST", true, (site, "none")),
        Case("POST", false, (site, "same-site")),
        Case("POST", false, (site, "cross-site")),
        Case("POST", false, (site, "SAME-ORIGIN")),
        Case("POST", false, (site, "")),
        Case("POST", false, (site, "same-origin"), (site, "cross-site")),
        Case("POST", false, (site, "same-origin"), (site, "same-origin")),
        Case("POST", true, (site, "same-origin"), ("Origin", "https://evil.example")),
        Case("POST", false, (site, "cross-site"), ("Origin", own), ("X-Cloakroom", "1")),
        Case("POST", true, ("Origin", own)),
        Case("POST", false, ("Origin", "https://evil.example")),
        Case("POST", false, ("Origin", "null")),
        Case("POST", false, ("Origin", "")),
        Case("POST", false, ("Origin", "http://app.example")),
        Case("POST", false, ("Origin", "https://app.example:8443")),
        Case("POST", false, ("Origin", "https://app.example.evil.example")),
        Case("POST", false, ("Origin", "https://APP.example")),
        Case("POST", false, ("Origin", "https://app.example/")),
        Case("POST", false, ("Origin", own), ("Origin", "https://evil.example")),
        Case("POST", false, ("Origin", "https://evil.example"), ("X-Requested-With", "x")),
        Case("POST", true, ("X-Requested-With", "XMLHttpRequest")),
        Case("POST", true, ("X-Cloakroom", "1")),
        Case("POST", false, ("X-Cloakroom", "")),
        Case("POST", false),
        Case("POST", false, ("Referer", "https://app.example/")),
        Case("POST", false, ("X-HTTP-Method-Override", "GET")),
        Case("PUT", false), Case("DELETE", false), Case("PATCH", false), Case("CONNECT", false),
        Case("get", false), Case("", false), Case("TRACE", false), Case("QUERY", false),
        Case("DELETE", true, (site, "same-origin")),
        // WebSockets have no preflight.
        Case("GET", false, ("Upgrade", "websocket")),
        Case("GET", false, ("Upgrade", "websocket"), ("Origin", "https://evil.example")),
        Case("GET", true, ("Upgrade", "websocket"), ("Origin", own)),
        Case("GET", false, ("Upgrade", "websocket"), (site, "cross-site"), ("Origin", own)),
        Case("GET", true, ("Upgrade", "websocket"), (site, "same-origin")),
    ]

    @Test(
        "BRW-01 BRW-04 BRW-06 Unsafe methods and WebSockets need a proof of same origin",
        arguments: unsafe)
    func unsafeMethods(test: Case) throws {
        try Self.check(test)
    }

    static let safe: [Case] = [
        Case("GET", true),
        Case("HEAD", true),
        Case("GET", true, (site, "same-origin"), (mode, "cors")),
        Case("GET", true, (site, "none"), (mode, "navigate")),
        Case("GET", true, (site, "same-site"), (mode, "cors")),
        Case("GET", true, (site, "cross-site"), (mode, "navigate"), (destination, "document")),
        Case("GET", true, (site, "cross-site"), (mode, "navigate")),
        Case("GET", false, (site, "cross-site"), (mode, "navigate"), (destination, "iframe")),
        Case("GET", false, (site, "cross-site"), (mode, "navigate"), (destination, "embed")),
        Case("GET", false, (site, "cross-site"), (mode, "navigate"), (destination, "object")),
        Case("GET", false, (site, "cross-site"), (mode, "no-cors"), (destination, "image")),
        Case("GET", false, (site, "cross-site"), (mode, "cors")),
        Case("GET", false, (site, "cross-site")),
        Case("GET", false, (site, "cross-site"), (site, "same-origin"), (mode, "cors")),
        Case("OPTIONS", false, (site, "cross-site"), (mode, "cors")),
    ]

    @Test(
        "BRW-03 Reads pass but for what another site loads behind the person's back",
        arguments: safe)
    func safeMethods(test: Case) throws {
        try Self.check(test)
    }

    @Test("BRW-03 A policy may admit cross-site reads, never cross-site writes")
    func crossSiteReads() throws {
        let bench = Bench(World()) { $0.policies["web"]?.allowsCrossSiteReads = true }
        let browser = try Browser.signedIn(bench)
        let read = TestRequest.plain("GET", "/", (Self.site, "cross-site"), (Self.mode, "cors"))
        #expect(bench.ask(browser.request(read))?.outcome == .forward)
        let write = TestRequest.plain("POST", "/", (Self.site, "cross-site"))
        #expect(bench.ask(browser.request(write))?.reason == .crossSiteRequest)
    }

    private static func check(_ test: Case) throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let request = TestRequest(method: test.method, target: "/api", headers: test.headers)
        let decision = try #require(bench.ask(browser.request(request)))
        if test.isAdmitted {
            #expect(decision.outcome == .forward)
        } else {
            #expect(decision.status == 403)
            #expect(decision.reason == .crossSiteRequest)
            // The session is not the attacker's to end.
            #expect(decision.setCookies.isEmpty)
            #expect(bench.ask(browser.request(.script("GET", "/")))?.outcome == .forward)
        }
    }
}
