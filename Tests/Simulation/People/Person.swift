import Encodings
import Engine
import HTTPMessages
import Sessions

/// Somebody with a browser: opens pages in several tabs, loses patience, logs in and out.
final class Person {
    let index: Int
    private(set) var servedAt: Int64 = -1
    private var cookies: [HeaderField] = []
    private var loginBegan: Int64?
    private unowned let world: World

    init(_ index: Int, _ world: World) {
        self.index = index
        self.world = world
    }

    var name: String { "person \(index)" }
    var isSignedIn: Bool { sessionKey != nil }
    var sessionKey: RowKey? { Self.sessionKey(cookies) }

    private static func sessionKey(_ cookies: [HeaderField]) -> RowKey? {
        cookies.first { $0.name == Settings.cookieName }
            .flatMap { SessionTicket(cookieValue: $0.value)?.rowKey }
    }

    // MARK: What people do

    func act() {
        if let began = loginBegan, world.time - began < 20_000 { return }
        loginBegan = nil
        guard isSignedIn else { return signIn() }
        let faults = world.faults
        if world.dice.chance(faults.logout) {
            logOut()
        } else if world.dice.chance(faults.logout / 4) {
            signIn()
        } else {
            let isTogether = world.dice.chance(0.3)
            for _ in 0..<world.dice.pick([1, 1, 2, 3, 6]) {
                world.after(isTogether ? 0 : world.dice.delay(0, 800)) { [unowned self] in
                    openPage()
                }
            }
        }
    }

    func openPage(on worker: Worker? = nil) {
        let isNavigation = world.dice.chance(0.5)
        let isInfo = world.faults.abort > 0 && world.dice.chance(0.1)
        let request = send(
            isInfo ? .info : .page, "GET", isInfo ? "/auth/session" : "/page",
            isNavigation: isNavigation && !isInfo, to: worker)
        if world.dice.chance(world.faults.abort) {
            world.after(world.dice.delay(1, 3_000)) { [unowned self] in goAway(request) }
        }
    }

    private func signIn() {
        loginBegan = world.time
        _ = send(.login, "GET", "/auth/login?return_to=%2Fpage", isNavigation: true)
    }

    /// Somebody may have a copy of the cookie and try it at once, everywhere.
    private func logOut() {
        let copy = cookies
        for _ in 0..<world.dice.below(6) {
            world.after(world.dice.delay(0, 2_000)) { [unowned self] in
                _ = send(.page, "GET", "/page", isNavigation: false, stolen: copy)
            }
        }
        _ = send(.logout, "POST", "/auth/logout", isNavigation: false)
    }

    private func comeBack(_ target: ByteString) {
        let isTwice = world.dice.chance(world.faults.abort / 2)
        for _ in 0..<(isTwice ? 2 : 1) {
            world.after(isTwice ? world.dice.between(0, 30) : 0) { [unowned self] in
                _ = send(.callback, "GET", target, isNavigation: true)
            }
        }
    }

    private func goAway(_ request: Request) {
        guard request.fate == .waiting else { return }
        request.fate = .cancelled
        world.note(name) { "gives request \(request.number) up" }
        request.worker?.cancel(request)
    }

    // MARK: What browsers do

    private func send(
        _ purpose: Request.Purpose, _ method: ByteString, _ target: ByteString,
        isNavigation: Bool, to chosen: Worker? = nil, stolen: [HeaderField]? = nil
    ) -> Request {
        let cookies = stolen ?? cookies
        let request = Request(
            world.ledger.nextRequest(), purpose, of: self, isNavigation: isNavigation,
            key: Self.sessionKey(cookies), isStolen: stolen != nil, world)
        var head = RequestHead(method: method, target: target, policy: "web")
        func note(_ name: ByteString, _ value: ByteString) {
            head.note(name: name.span, value: value.span)
        }
        if !cookies.isEmpty {
            note("cookie", cookies.reduce(into: "") {
                $0 += ($0.isEmpty ? "" : "; ") + $1.name + "=" + $1.value
            })
        }
        note("sec-fetch-site", "same-origin")
        note("sec-fetch-mode", isNavigation ? "navigate" : "cors")
        note("sec-fetch-dest", isNavigation ? "document" : "empty")
        let worker = chosen ?? world.dice.pick(world.workers)
        request.worker = worker
        world.note(name) {
            "request \(request.number): \(method) \(target) on \(worker.name)"
                + (stolen != nil ? " with a stolen cookie" : "")
        }
        if !worker.take(request, head) { request.fate = .turnedAway }
        return request
    }

    func hear(_ decision: Decision, of request: Request) {
        world.note(name) { "request \(request.number): \(decision.summary)" }
        guard !request.isStolen else { return }
        for field in decision.clientHeaders where field.name == "Set-Cookie" { keep(field.value) }
        if request.purpose == .callback { loginBegan = nil }
        switch decision.outcome {
        case .forward: servedAt = world.time
        case .respond(303, _): follow(decision.clientHeaders.only("location") ?? "", request)
        case .respond(401, _):
            if loginBegan == nil { signIn() }
        case .respond:
            if request.purpose == .login { loginBegan = nil }
        }
    }

    private func follow(_ location: ByteString, _ request: Request) {
        if location.hasPrefix(Settings.issuer + "/authorize") {
            world.after(world.dice.delay(20, 2_000)) { [unowned self] in
                if let target = world.provider.authorize(location) { comeBack(target) }
            }
        } else if location.hasPrefix("/auth/login"), loginBegan == nil {
            signIn()
        }
    }

    private func keep(_ text: ByteString) {
        let parts = text.words(separatedBy: 0x3B)
        guard let (name, value) = parts.first?.divided(at: 0x3D) else { return }
        cookies.removeAll { $0.name == name }
        if !value.isEmpty { cookies.append(HeaderField(name, value)) }
    }
}
