import Encodings
import Engine
import HTTPMessages
import Testing

/// What a client reads that is not let through.
@Suite struct ChallengeTests {
    /// One request for each answer of a bearer route that is not to forward.
    static func refused(_ bench: Bench) -> [(ByteString?, TestRequest)] {
        let provider = bench.world.provider
        func bearer(_ token: ByteString) -> TestRequest {
            .api(("Authorization", "Bearer " + token))
        }
        return [
            (nil, .api()), (nil, .api(("Authorization", "Basic eDp5"))),
            ("invalid_request", bearer("a b")), ("invalid_request", .api(("Authorization", ""))),
            ("invalid_request", bearer("a").with("Authorization", "Bearer a")),
            ("invalid_token", bearer("x")),
            ("invalid_token", bearer(provider.apiToken { $0["exp"] = 1 })),
            ("invalid_token", bearer(provider.apiToken { $0["sub"] = "\"\r\nX: y" } + "x")),
            ("insufficient_scope", bearer(provider.apiToken { $0["scope"] = "none" })),
        ]
    }

    /// - Returns: nil where it does not follow the grammar of RFC 9110 §11.6.1 and RFC 6750 §3.
    static func parameters(_ challenge: ByteString) -> [String: String]? {
        guard let rest = challenge.dropping(prefix: "Bearer ")?.string,
            rest.wholeMatch(of: /[a-z_]+="[ !#-\[\]-~]*"(, [a-z_]+="[ !#-\[\]-~]*")*/) != nil
        else { return nil }
        let pairs = rest.matches(of: /([a-z_]+)="([^"]*)"/).map { match in
            (String(match.output.1), String(match.output.2))
        }
        // Each at most once.
        return Set(pairs.map(\.0)).count == pairs.count
            ? Dictionary(pairs) { first, _ in first } : nil
    }

    @Test("BEA-08 A challenge follows the grammar: one parameter at least, none twice, all quoted")
    func grammar() throws {
        let bench = Bench(World()) {
            $0.policies["api"]?.requiredScopes = ["orders:read", "!#$%&'()*+,-./:;<=>?@[]^_`{|}~"]
            $0.policies["api"]?.realm = "the api's, = {1}"
        }
        for (error, request) in Self.refused(bench) {
            let decision = try #require(bench.ask(request))
            let fields = decision.clientHeaders.filter { $0.name == "WWW-Authenticate" }
            #expect(fields.count == 1)
            let field = try #require(fields.first)
            let parameters = try #require(Self.parameters(field.value))
            #expect(parameters["realm"] == "the api's, = {1}")
            #expect(parameters["error"] == error?.string)
            let tells = error == nil || error == "insufficient_scope"
            #expect(
                parameters["scope"]
                    == (tells ? "orders:read !#$%&'()*+,-./:;<=>?@[]^_`{|}~" : nil))
            #expect(parameters["error_description"] == nil, "BEA-09")
        }
    }

    @Test("BEA-10 Every 401 has a challenge, and no other status but 400 and 403 of a token's")
    func everywhere() throws {
        let bench = Bench(World()) {
            $0.policies["api"]?.requiredScopes = ["read"]
            $0.policies["cookie"] = $0.policies["api"]
            $0.policies["cookie"]?.name = "cookie"
            $0.policies["cookie"]?.tokenCookie = "__Host-jwt"
        }
        let unknown: ByteString = "__Host-cloakroom=" + ByteString(String(repeating: "A", count: 43))
        var requests = Self.refused(bench).map(\.1)
        requests += requests.map { $0.under("cookie") }
        requests += [
            TestRequest.page("/v1").under("cookie").cookie("__Host-jwt=x"),
            .script("GET", "/"), .script("GET", "/").cookie(unknown),
            .script("GET", "/").cookie("__Host-cloakroom=x"),
            .script("POST", "/").cookie(unknown + "; " + unknown), .plain("GET", "/"),
        ]
        var number = 0
        for request in requests {
            let decision = try #require(bench.ask(request))
            guard let status = decision.status else { continue }
            let hasChallenge = decision.header("WWW-Authenticate") != nil
            #expect(hasChallenge == [400, 401, 403].contains(status), "\(decision.reason)")
            number += status == 401 ? 1 : 0
        }
        #expect(number > 10)
    }

    @Test("BEA-11 No answer of ours is for a shared cache, and we mark none public")
    func caches() throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read"] }
        for (_, request) in Self.refused(bench) {
            #expect(bench.ask(request)?.header("Cache-Control") == "no-store")
        }
        let good = TestRequest.api(("Authorization", "Bearer " + bench.world.provider.apiToken()))
        // RFC 9111 §3.5 keeps it out by itself; the API may say otherwise, we do not.
        #expect(bench.ask(good)?.clientHeaders == [])
    }

    @Test("BEA-15 Whatever the method, upgrade or range: the same checks, the same answer", arguments: [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "X",
    ] as [ByteString])
    func methods(method: ByteString) throws {
        let bench = Bench(World()) { $0.policies["api"]?.requiredScopes = ["read"] }
        let good = TestRequest.api(("Authorization", "Bearer " + bench.world.provider.apiToken()))
        for (_, request) in Self.refused(bench) + [(nil, good)] {
            let expected = try #require(bench.ask(request))
            for extra in [nil, ("Upgrade", "websocket"), ("Range", "bytes=0-1"), ("TE", "trailers")]
                as [(ByteString, ByteString)?]
            {
                var request = request
                request.method = method
                if let extra { request.headers.append(extra) }
                let decision = try #require(bench.ask(request))
                #expect(decision.outcome == expected.outcome)
                #expect(decision.reason == expected.reason)
                #expect(decision.clientHeaders == expected.clientHeaders)
            }
        }
    }

    @Test("BEA-04 A session and an Authorization are never merged: the cookie alone decides")
    func neverMerged() throws {
        let bench = Bench(World())
        let browser = try Browser.signedIn(bench)
        let token = ("Authorization" as ByteString, "Bearer " + bench.world.provider.apiToken())
        for (request, isForwarded) in [
            (browser.request(.script("GET", "/")), true),
            (TestRequest.script("GET", "/"), false),
            (TestRequest.script("GET", "/").cookie("__Host-cloakroom=x"), false),
        ] {
            let plain = try #require(bench.ask(request))
            let both = request.with(token.0, token.1)
            let decision = try #require(bench.ask(both))
            #expect((decision.outcome == .forward) == isForwarded)
            #expect(decision.outcome == plain.outcome)
            #expect(
                decision.upstream(both).only("authorization")
                    == (isForwarded ? "Bearer access-1" : nil))
        }
        // Nor does a session let anyone in where a token is asked for.
        let api = browser.request(.api())
        #expect(bench.ask(api)?.reason == .tokenMissing)
        #expect(bench.ask(api)?.upstream(api).only("authorization") == nil)
    }
}
