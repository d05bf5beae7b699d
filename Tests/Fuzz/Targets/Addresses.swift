import CCurl
import CurlTransport
import Encodings
import Engine
import Glibc
import HTTPMessages

extension FuzzTarget {
    static let url = FuzzTarget(
        name: "url", about: "URLs, against libcurl's reading of them", longest: 4 << 10,
        words: [
            "https://", "http://", "[::1]", "127.0.0.1", "localhost", "%2f", "@", ":443", "0x7f",
        ],
        seeds: {
            inputs(
                "https://idp.example", "https://idp.example:8443/a/b?c=d&e", "http://[::1]:80/",
                "http://127.1/x", "https://0x7f000001/", "https://a@b/", "https://a#b",
                "https://[fe80::1%25eth0]/", "https://EXAMPLE.org./", "http://localhost?x")
        }
    ) { input in
        guard let url = URLReference(ByteString(input)) else { return }
        var text = url.origin + url.path
        if let query = url.query { text += "?" + query }
        promise(URLReference(text) == url, "what we read, written and read again, is the same")
        promise(URLReference(url.origin)?.origin == url.origin, "an origin has one form")
        promise(url.path.isEmpty || url.path.hasPrefix("/"), "a path begins with a slash")
        // The transport checks our reading, and connects by libcurl's.
        guard let theirs = CurlURL(ByteString(input)) else { return }
        promise(theirs.port == url.port, "libcurl goes to the same port")
        promise(theirs.scheme == (url.isSecure ? "https" : "http"), "by the same scheme")
        promise(
            theirs.host == url.host || CurlURL.canonical(url.host) == theirs.host,
            "libcurl goes to the same host: \(theirs.host), not \(url.host)")
        if AddressRule.publicOnly.admitsText(of: url), let address = CurlURL.address(theirs.host) {
            promise(address.isPlainlyPublic, "no literal leads inside: \(theirs.host)")
        }
        if AddressRule.loopbackOnly.admitsText(of: url),
            let address = CurlURL.address(theirs.host)
        {
            promise(address.isLoopback, "a loopback literal is one: \(theirs.host)")
        }
    }

    static let address = FuzzTarget(
        name: "address", about: "addresses, as a socket or a text names them", longest: 128,
        seeds: { inputs("127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "0x7f.1") }
    ) { input in
        if let address = InternetAddress(ByteString(input)) {
            promise(!(address.isPublic && address.isLoopback), "loopback is not public")
        }
        let bytes = input.prefix(28) + [UInt8](repeating: 0, count: max(0, 28 - input.count))
        Array(bytes).withUnsafeBytes { raw in
            guard let start = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return
            }
            let address = InternetAddress(start, length: input.count)
            promise(input.count >= 2 || address == nil, "what is cut short is none")
        }
    }

    static let form = FuzzTarget(
        name: "form", about: "query strings and forms", longest: 16 << 10,
        words: ["%2", "%00", "&", "=", "+", "code=", "state=", "return_to="],
        seeds: {
            inputs("a=b&c=d", "a=%41+%zz", "a&=b&&", "code=x&code=y", "return_to=%2Fa%3Fb%3Dc")
                + [Array(repeatElement(Array("a=b&".utf8), count: 4_000).joined())]
        }
    ) { input in
        let text = ByteString(input)
        let parameters = Parameters(text)
        promise(parameters.pairs.count <= 64, "there is a limit")
        let pairs = parameters.pairs.map { ($0.name, $0.value) }
        let again = Parameters(FormEncoding.encode(pairs))
        promise(again.pairs == parameters.pairs, "what is written is read again")
        promise(!again.isMalformed, "and is well-formed")
        for pair in parameters.pairs {
            switch parameters.lookup(pair.name) {
            case .absent: promise(false, "what is there is found")
            case .once(let value): promise(value == pair.value, "once, it has that value")
            case .repeated:
                promise(parameters.pairs.count { $0.name == pair.name } > 1, "it is repeated")
            }
        }
        promise(FormEncoding.decode(FormEncoding.encode(text)) == text, "encoding loses nothing")
        promise(FormEncoding.encode(text).isPrintableASCII, "and can stand in a URL")
        promise(FormEncoding.percentEncode(text).isPrintableASCII, "so can percent signs")
    }

    static let returnPath = FuzzTarget(
        name: "return-path", about: "where a login leads back to", longest: 3 << 10,
        words: ["//", "/\\", "/auth", "..", "%2e", "%2f", "%5c", "https:", "?", "#"],
        seeds: {
            inputs(
                "/", "/a?b=c#d", "//evil.example", "/\\evil", "/auth/login", "/x/../auth",
                "/%61uth/logout", "/./auth", "/a/%2e%2e/auth", "https://evil.example")
        }
    ) { input in
        let text = ByteString(input)
        guard let path = ReturnPath.accept(text, prefix: "/auth") else { return }
        promise(path == text, "it is taken as it is or not at all")
        promise(path.isPrintableASCII && !path.bytes.contains(0x20), "it can stand in Location")
        // As a browser resolves it, to which an escaped dot is one (WHATWG URL §4.4).
        let plain = path.string.replacing("%2e", with: ".").replacing("%2E", with: ".")
        guard let url = CurlURL(ByteString(plain), relativeTo: "https://app.example/auth/callback")
        else {
            return
        }
        promise(url.host == "app.example" && url.port == 443, "it leads nowhere else")
        promise(url.path != "/auth" && !url.path.hasPrefix("/auth/"), "nor to us: \(url.path)")
    }
}

/// A URL as libcurl reads it.
struct CurlURL {
    let scheme: ByteString
    /// In lower case; numbers in their usual form.
    let host: ByteString
    let port: UInt16
    let path: ByteString

    init?(_ text: ByteString, relativeTo base: ByteString? = nil) {
        guard !text.bytes.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        for part in [base, text].compactMap(\.self) {
            let terminated = part.bytes.map(CChar.init(bitPattern:)) + [0]
            guard curl_url_set(handle, CURLUPART_URL, terminated, 0) == CURLUE_OK else {
                return nil
            }
        }
        func part(_ what: CURLUPart) -> ByteString? {
            var start: UnsafeMutablePointer<CChar>?
            let flags = UInt32(CURLU_DEFAULT_PORT)
            guard curl_url_get(handle, what, &start, flags) == CURLUE_OK, let start else {
                return nil
            }
            defer { curl_free(start) }
            return ByteString(String(cString: start))
        }
        guard let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST),
            let port = part(CURLUPART_PORT).flatMap({ UInt16($0.string) }),
            let path = part(CURLUPART_PATH)
        else { return nil }
        (self.scheme, self.host, self.port, self.path) = (scheme, host.lowercased, port, path)
    }

    /// An address in its usual form; nil for a name.
    static func canonical(_ host: ByteString) -> ByteString? {
        guard let address = address(host) else { return nil }
        var copy = address.bytes
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let isLong = copy.count == 16
        inet_ntop(isLong ? AF_INET6 : AF_INET, &copy, &text, socklen_t(text.count))
        let plain = ByteString(text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
        return isLong ? "[" + plain + "]" : plain
    }

    static func address(_ host: ByteString) -> PlainAddress? {
        let inner = host.hasPrefix("[") ? ByteString(host.bytes.dropFirst().dropLast()) : host
        var short = in_addr()
        var long = in6_addr()
        if inner == host {
            guard inet_aton(inner.string, &short) == 1 else { return nil }
            return PlainAddress(bytes: withUnsafeBytes(of: &short) { Array($0) })
        }
        guard inet_pton(AF_INET6, inner.string, &long) == 1 else { return nil }
        return PlainAddress(bytes: withUnsafeBytes(of: &long) { Array($0) })
    }
}

/// The ranges that everybody knows, written once more, by bytes.
struct PlainAddress {
    let bytes: [UInt8]

    var isLoopback: Bool {
        bytes.count == 4
            ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes[15] == 1
    }

    var isPlainlyPublic: Bool {
        guard bytes.count == 4 else {
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 }
            return !isMapped && bytes[0] & 0xFE != 0xFC && bytes[0] != 0xFF
                && !(bytes[0] == 0xFE && bytes[1] & 0x80 == 0x80)
        }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168), (172, 16...31), (100, 64...127),
            (224..., _):
            return false
        default: return true
        }
    }
}
