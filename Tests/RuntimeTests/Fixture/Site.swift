import Configuration
import Cryptography
import Encodings
import Engine
import Foundation
import HTTPMessages
import JOSE
import OAuth
import Runtime
import SQLiteStore
import Sessions

/// A configuration with one provider, and sessions to put into its store.
struct Site {
    var configuration: Configuration
    private let ring: KeyRing
    private let storePath: String?

    enum Store { case none, memory, file, path(String) }

    /// - Parameter issuer: by default one that nobody answers at.
    init(
        _ store: Store, issuer: ByteString = "http://127.0.0.1:1", shutdownTimeout: Int64 = 5_000,
        patience: Int64 = 5_000
    ) {
        ring = KeyRing(
            current: KeyRing.Key(
                id: "k1", secret: Secret((0..<32).map { _ in UInt8.random(in: 0...255) })))
        let location: StoreLocation?
        switch store {
        case .none: (location, storePath) = (nil, nil)
        case .memory: (location, storePath) = (.memory, nil)
        case .file:
            let path = NSTemporaryDirectory() + "cloakroom-runtime-\(UUID().uuidString).db"
            (location, storePath) = (.sqlite(path: ByteString(path)), path)
        case .path(let path): (location, storePath) = (.sqlite(path: ByteString(path)), path)
        }
        let provider = Provider(
            name: "idp", issuer: issuer,
            network: Provider.Network(allowsPlainHTTP: true, requestTimeout: patience),
            tokens: Provider.Tokens(),
            client: Provider.Client(
                credentials: ClientCredentials(clientID: "app", secret: Secret("s" as ByteString)),
                scopes: ["openid"]),
            sessions: Provider.SessionRules(
                origin: "http://localhost:8080", cookieName: "sid", isCookieSecure: false,
                requestPatience: patience))
        configuration = Configuration(
            store: location, keyRing: ring, isDevelopment: true,
            shutdownTimeout: shutdownTimeout, providers: ["idp": provider],
            policies: [
                "site": Policy(name: "site", mode: .session, providers: ["idp"]),
                "api": Policy(name: "api", mode: .bearer, providers: ["idp"], audiences: ["api"]),
            ])
    }

    func remove() {
        guard let storePath else { return }
        let directory = (storePath as NSString).deletingLastPathComponent
        let name = (storePath as NSString).lastPathComponent
        for file in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        where file.hasPrefix(name) {
            try? FileManager.default.removeItem(atPath: directory + "/" + file)
        }
    }

    // MARK: Sessions

    func openStore() throws -> SQLiteStore {
        try SQLiteStore(path: ByteString(storePath ?? ""))
    }

    func lockStore() throws -> StoreLock { try StoreLock(path: storePath ?? "") }

    /// Puts a session into the store.
    /// - Parameter life: seconds left of its access token; by default it has expired.
    func addSession(
        refreshToken: ByteString, life: Int64 = -100
    ) throws -> (SessionTicket, SessionRow) {
        let now = Int64(Date().timeIntervalSince1970)
        let contents = SessionContents(
            issuer: configuration.providers["idp"]?.issuer ?? "", clientID: "app", provider: "idp",
            subject: "ann", authTime: nil, idClaims: JSONObject(["sub": .string("ann")]),
            accessToken: Secret("old" as ByteString), obtainedAt: now - 400,
            accessExpiry: now + life, scope: nil, refreshToken: Secret(refreshToken), idToken: Secret("id" as ByteString),
            createdAt: now - 400, absoluteExpiry: now + 3_600, isUnverified: false)
        let job = Job.createSession(
            contents, ring, idleExpiry: now + 3_000, providerSession: nil)
        guard case .created(let ticket, let row) = job.perform(JobTools(random: SystemRandom()))
        else { throw RuntimeFailure.randomness }
        _ = try openStore().perform(.create(row, replacing: nil))
        return (ticket, row)
    }
}

/// A request of a browser's page, with the cookie of a session.
func pageRequest(_ ticket: SessionTicket?) -> RequestHead {
    var head = RequestHead(method: "GET", target: "/page", policy: "site")
    head.note(name: "Sec-Fetch-Site", value: "same-origin")
    if let ticket { head.note(name: "Cookie", value: "sid=" + ticket.cookieValue) }
    return head
}

/// A bearer token that has to be looked at: it waits for keys.
func apiRequest() -> RequestHead {
    var head = RequestHead(method: "GET", target: "/api", policy: "api")
    head.note(name: "Authorization", value: "Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln")
    return head
}

extension RequestHead {
    fileprivate mutating func note(name: ByteString, value: ByteString) {
        note(name: name.span, value: value.span)
    }
}

/// Waits until something holds, at most 5 seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let limit = Date() + 5
    while Date() < limit {
        if try condition() { return true }
        usleep(5_000)
    }
    return try condition()
}

func isReadable(_ descriptor: Int32, milliseconds: Int32 = 0) -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&poller, 1, milliseconds) == 1
}
