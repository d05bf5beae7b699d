import CurlTransport
import Encodings
import HTTPMessages
import OAuth

private let issuer: ByteString = "https://idp.example"

extension FuzzTarget {
    static let metadata = FuzzTarget(
        name: "metadata", about: "a provider's discovery document", longest: 64 << 10,
        words: [
            "\"issuer\":\"https://idp.example\"", "\"authorization_endpoint\":",
            "\"token_endpoint\":",
            "\"jwks_uri\":", "\"end_session_endpoint\":", "\"revocation_endpoint\":", "\"S256\"",
            "\"code_challenge_methods_supported\":", "\"id_token_signing_alg_values_supported\":",
            "https://", "http://localhost", "\"ES256\"", "?state=", "%",
        ],
        seeds: {
            inputs(
                """
                {"issuer":"https://idp.example",\
                "authorization_endpoint":"https://idp.example/a?b=c",\
                "token_endpoint":"https://idp.example/t","jwks_uri":"https://idp.example/k"}
                """,
                """
                {"issuer":"https://idp.example","authorization_endpoint":"http://localhost:1/a",\
                "token_endpoint":"https://idp.example/t","jwks_uri":"https://idp.example/k",\
                "end_session_endpoint":"https://idp.example/e?state=1",\
                "revocation_endpoint":7,"introspection_endpoint":"http://idp.example/i",\
                "code_challenge_methods_supported":["plain","S256"],\
                "authorization_response_iss_parameter_supported":true,\
                "id_token_signing_alg_values_supported":["HS256","ES256","EdDSA"]}
                """)
        }
    ) { input in
        let loose = try? ProviderMetadata.parse(input, issuer: issuer, allowsPlainHTTP: true)
        if let strict = try? ProviderMetadata.parse(input, issuer: issuer, allowsPlainHTTP: false) {
            promise(loose != nil, "what counts in production counts in development")
            for url in urls(strict) {
                promise(URLReference(url)?.isSecure == true, "only https is used: \(url)")
            }
        }
        guard let loose else { return }
        promise(loose.issuer == issuer, "the issuer is the configured one")
        for url in urls(loose) { promise(URLReference(url) != nil, "every URL is one: \(url)") }
        checkRequest(loose)
    }

    private static func urls(_ metadata: ProviderMetadata) -> [ByteString] {
        [metadata.authorizationEndpoint, metadata.tokenEndpoint, metadata.keySetURL]
            + [metadata.endSessionEndpoint, metadata.revocationEndpoint].compactMap(\.self)
    }

    /// Whatever query an endpoint has, our parameters stand there once, and as we set them.
    private static func checkRequest(_ metadata: ProviderMetadata) {
        let request = AuthorizationRequest(
            endpoint: metadata.authorizationEndpoint, clientID: "app&x",
            redirectURI: "https://a/b?c",
            scopes: ["openid"], state: "s", nonce: "n", codeChallenge: "c")
        guard let url = URLReference(request.url),
            let base = URLReference(metadata.authorizationEndpoint)
        else { return promise(false, "the request goes to a URL: \(request.url)") }
        promise(url.origin == base.origin && url.path == base.path, "to that endpoint")
        let own = (url.query ?? "").words(separatedBy: 0x26).compactMap { part in
            FormEncoding.decode(part.divided(at: 0x3D)?.0 ?? part)
        }
        for name: ByteString in ["state", "nonce", "client_id", "redirect_uri", "response_type"] {
            promise(own.count { $0 == name } == 1, "\(name) stands there once: \(request.url)")
        }
    }

    static let tokenAnswer = FuzzTarget(
        name: "token-answer",
        about: "an answer of the token endpoint: status and media type in a line, and the body",
        longest: 64 << 10,
        words: [
            "\"access_token\":", "\"token_type\":\"Bearer\"", "\"expires_in\":",
            "\"refresh_token\":",
            "\"id_token\":", "\"error\":\"invalid_grant\"", "application/json", "400 ", "null",
            "1e99",
        ],
        seeds: {
            let json = "application/json\n"
            return inputs(
                "200 \(json){\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":300}",
                "200 \(json){\"access_token\":\"a\",\"token_type\":\"bearer\","
                    + "\"expires_in\":-1e300,\"refresh_token\":\"r\",\"id_token\":null}",
                "400 \(json){\"error\":\"invalid_grant\"}", "400 text/html\n",
                "401 \(json){\"error\":",
                "403 \(json){\"error\":\"invalid_token\"}", "502 text/html\n<html>",
                "400 \(json){\"error\":\"invalid_client\"}",
                "429 \(json){\"error\":\"invalid_grant\"}")
        }
    ) { input in
        guard let response = OutboundResponse(fuzzed: input) else { return }
        let shapes = [
            RefusalShape(status: 400, error: nil),
            RefusalShape(status: 403, error: "invalid_token"),
        ]
        switch TokenResponse.parse(response, refusals: shapes) {
        case .tokens(let tokens):
            promise((200...299).contains(response.status), "only success brings tokens")
            promise(response.hasJSONBody, "and JSON")
            let token = tokens.accessToken.reveal()
            promise(
                !token.isEmpty && token.bytes.allSatisfy(ASCII.isVisible), "a header can bear it")
            promise(
                (tokens.expiresIn ?? 0) >= 0
                    && (tokens.expiresIn ?? 0) <= TokenSet.longestLifetime, "it ends some day")
        case .refused:
            // Only this ends a session.
            let word = Jansson(response.body).member("error").text
            promise(
                word == "invalid_grant" && [400, 401].contains(response.status)
                    || response.status == 400 && response.body.isEmpty
                    || response.status == 403 && word == "invalid_token", "it is a clear refusal")
        case .rejected(let word):
            promise((400...499).contains(response.status), "the provider rejects it")
            promise(word.isPrintableASCII && word.count <= 64, "the word can be logged")
        case .failed(let status), .unclear(let status):
            promise(status == response.status, "the status is told")
        }
    }

    static let answerHead = FuzzTarget(
        name: "answer-head", about: "the head and body of a provider's answer, line by line",
        longest: 68 << 10, words: ["HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 ", "\r\n\r\n", ":", "\t"],
        seeds: {
            inputs(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX: \r\n\r\n{}",
                "HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/2 200\r\nCache-Control: no-store\r\n",
                "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nno colon\r\n\r\nTrailer: x\r\n")
                + [
                    Array(
                        repeatElement(Array("HTTP/1.1 200\r\nA: b\r\n".utf8), count: 120).joined())
                ]
        }
    ) { input in
        var answer = ResponseAssembly(bodyLimit: 64)
        var isTaken = true
        for line in input.split(separator: 0x0A, omittingEmptySubsequences: false) where isTaken {
            isTaken = answer.take(line: ByteString(line) + "\n")
        }
        if isTaken { isTaken = input.withUnsafeBytes { answer.take(body: $0) } }
        promise(answer.isTooLarge == !isTaken, "only what is too large ends it")
        promise(answer.headers.count <= 100 && answer.body.count <= 64, "limits hold")
        for field in answer.headers {
            promise(field.name == field.name.lowercased, "names are in lower case")
            promise(!field.name.bytes.contains(0x3A), "a name ends at the colon")
            promise(!field.value.bytes.contains(0x0A), "a value is one line")
        }
    }
}

extension OutboundResponse {
    /// The first line has status and media type, the rest is the body.
    init?(fuzzed input: [UInt8]) {
        let head = input.prefix { $0 != 0x0A }
        guard let (number, type) = ByteString(head).divided(at: 0x20),
            let status = Int(number.string), (100...999).contains(status)
        else { return nil }
        self.init(
            status: status, headers: [HeaderField("content-type", type)],
            body: Array(input.dropFirst(head.count + 1)))
    }
}
