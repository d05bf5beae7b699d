import Encodings
import HTTPMessages
import OAuth

private let ours = GuardedCookies(sessionName: "__Host-cloakroom")

extension FuzzTarget {
    static let cookies = FuzzTarget(
        name: "cookies", about: "Cookie lines of a request", longest: 16 << 10,
        words: [
            "__Host-cloakroom", "__Host-cloakroom=", "__Host-cloakroom-login-", "; ", "=", "\t",
        ],
        seeds: {
            inputs(
                "__Host-cloakroom=abc", "a=b; __Host-cloakroom=abc; c=d",
                "__Host-cloakroom=abc; __Host-cloakroom=def", "=__Host-cloakroom=abc",
                "__Host-cloakroom-login-x=1; __Host-cloakroom=abc", "a; ;; b=\"c;d\"",
                "a=1\n__Host-cloakroom=abc", "__Host-cloakroom =abc", "__Host-cloakroomx=1")
        }
    ) { input in
        let lines = input.lines(8)
        let header = CookieHeader(lines)
        let kept = header.removing(where: ours.contains)
        let left = CookieHeader(kept.map { [$0] } ?? [])
        promise(!left.names.contains(where: ours.contains), "ours are taken")
        promise(kept?.breaksLine != true, "what is kept is one line")
        // Cookies that would break a line go, too (UPS-10).
        let isPlain = !lines.contains(where: \.breaksLine)
        promise(
            !isPlain || left.names == header.names.filter { !ours.contains($0) },
            "only ours are taken")
        promise(left.removing(where: ours.contains) == kept, "a second time takes nothing")
        for name in header.names.prefix(16) {
            let found = header.lookup(name)
            promise(found != .absent, "a name that is listed is found")
            let count = header.names.count { $0 == name }
            promise((found == .repeated) == (count > 1), "twice is repeated, once is not")
            if isPlain, !ours.contains(name) {
                promise(left.lookup(name) == found, "others are kept")
            }
        }
        for line in lines { checkSplit(line) }
    }

    private static let splitter = CookieSplitter(ours)

    /// The quick way and the careful one read the same.
    private static func checkSplit(_ line: ByteString) {
        guard let remainder = splitter.split(line.span) else { return }
        let (range, kept) = (remainder.value, remainder.text(of: line))
        promise(
            range.lowerBound >= 0 && range.lowerBound <= range.upperBound
                && range.upperBound <= line.count, "the value lies within the line")
        let header = CookieHeader([line])
        let value = ByteString(line.bytes[range])
        promise(header.lookup(ours.sessionName) == .once(value), "both find the same value")
        promise(header.removing(where: ours.contains) == kept, "both keep the same")
        promise(
            header.names.count(where: ours.contains) == 1, "the quick way leaves attempts alone")
    }

    static let setCookie = FuzzTarget(
        name: "set-cookie", about: "Set-Cookie of an upstream", longest: 4 << 10,
        words: ["__Host-cloakroom=", "__Host-cloakroom-login-", "; Path=/", "=", "\t", " "],
        seeds: {
            inputs(
                "__Host-cloakroom=x; Path=/", "=__Host-cloakroom=x", " __Host-cloakroom =x",
                "a=b; Path=/", "__Host-cloakroom", "= =__Host-cloakroom=x")
        }
    ) { input in
        let text = ByteString(input)
        guard !ours.isSet(by: text), let sent = sentBack(text) else { return }
        let header = CookieHeader([sent, "other=1"])
        promise(
            !header.names.contains(where: ours.contains),
            "no upstream sets a cookie that comes back as ours")
    }

    /// What a browser's next Cookie line says of a Set-Cookie value.
    /// - Source: draft-ietf-httpbis-rfc6265bis §5.6, §5.8.3.
    private static func sentBack(_ text: ByteString) -> ByteString? {
        let isControl = { (byte: UInt8) in byte < 0x20 && byte != 0x09 || byte == 0x7F }
        guard !text.bytes.contains(where: isControl) else { return nil }
        func trimmed(_ part: ArraySlice<UInt8>) -> [UInt8] {
            let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
            return Array(part.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        }
        let pair = text.bytes.prefix { $0 != 0x3B }
        guard let equals = pair.firstIndex(of: 0x3D) else { return ByteString(trimmed(pair)) }
        let (name, value) = (trimmed(pair[..<equals]), trimmed(pair[(equals + 1)...]))
        return ByteString(name.isEmpty ? value : name + [0x3D] + value)
    }

    static let authorization = FuzzTarget(
        name: "authorization", about: "Authorization lines of a request", longest: 20 << 10,
        words: ["Bearer ", "bearer", "Basic ", "==", "\t"],
        seeds: {
            inputs(
                "Bearer abc", "bearer  abc==", "Bearer", "Bearer:abc", "Basic YTpi", "Bearer a b",
                "Bearer abc\nBearer abc", "")
        }
    ) { input in
        let lines = input.lines(4)
        let candidate = BearerCredentials.candidate(lines)
        guard case .token(let token) = BearerCredentials(lines) else { return }
        promise(lines.count == 1, "a token stands in the only line")
        promise(
            !token.isEmpty && token.bytes.allSatisfy { ASCII.isVisible($0) }, "it is visible")
        promise(BearerCredentials(["Bearer " + token]) == .token(token), "it is read again")
        promise(candidate?.hasSuffix(token) == true, "the quick look sees it too")
    }

    static let cacheControl = FuzzTarget(
        name: "cache-control", about: "Cache-Control of an answer", longest: 1 << 10,
        words: ["no-store", "no-cache", "max-age=", ",", "s-maxage="],
        seeds: { inputs("max-age=60", "no-store", "public, max-age=3600", "max-age=99999999999") }
    ) { input in
        let value = ByteString(input)
        let seconds = CacheLifetime.seconds([HeaderField("cache-control", value)])
        promise(seconds.map { (0...9_999_999_999).contains($0) } ?? true, "a time we can add to")
        if let seconds, seconds > 0 {
            promise(
                value.lowercased.contains("max-age=\(seconds)")
                    || value.lowercased.contains("max-age=0"), "it says so")
        }
        let twice = [HeaderField("cache-control", value), HeaderField("Cache-Control", "no-store")]
        promise(CacheLifetime.seconds(twice) == nil, "two fields say nothing")
        let response = OutboundResponse(
            status: 200, headers: [HeaderField("content-type", value)], body: [])
        if response.hasJSONBody { promise(value.lowercased.contains("json"), "it is JSON") }
    }
}
