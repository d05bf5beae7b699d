import Encodings
import HTTPMessages
import Testing

@Suite struct RequestHeadTests {
    static func head(_ headers: (ByteString, ByteString)...) -> RequestHead {
        var head = RequestHead(method: "GET", target: "/a?b?c", policy: "p")
        for (name, value) in headers { head.note(name: name.bytes.span, value: value.bytes.span) }
        return head
    }

    @Test("The query is what follows the first question mark")
    func target() {
        #expect(Self.head().query == "b?c")
        let bare = RequestHead(method: "GET", target: "/a", policy: "p")
        #expect(bare.query == nil)
    }

    @Test("Fields that matter are kept, in every case and every time they come")
    func kept() {
        let head = Self.head(
            ("Cookie", "1"), ("COOKIE", "2"), ("cookie", "3"), ("Authorization", "4"),
            ("Origin", "5"), ("Accept", "6"), ("Upgrade", "7"), ("Sec-Fetch-Site", "8"),
            ("sec-fetch-MODE", "9"), ("Sec-Fetch-Dest", "10"),
            ("Access-Control-Request-Method", "11"), ("X-Requested-With", "12"),
            ("X-Cloakroom", "13"))
        #expect(head.cookies == ["1", "2", "3"])
        #expect(head.authorization == ["4"])
        #expect(head.values(.origin) == ["5"])
        #expect(head.values(.accept) == ["6"])
        #expect(head.values(.upgrade) == ["7"])
        #expect(head.values(.fetchSite) == ["8"])
        #expect(head.values(.fetchMode) == ["9"])
        #expect(head.values(.fetchDestination) == ["10"])
        #expect(head.values(.preflightMethod) == ["11"])
        #expect(head.values(.scriptMark) == ["12", "13"])
    }

    @Test("BRW-06 UPS-11 Look-alikes, overrides and forwarding headers change nothing", arguments: [
        "Cookie2", "Cookie ", "X-Cookie", "sec_fetch_site", "Sec-Fetch-User", "X-Forwarded-Host",
        "X-HTTP-Method-Override", "Host", "Proxy-Authorization", "Origin2", "",
        "authorizatioN\u{0}",
        "x_requested_with", "x_cloakroom",
    ] as [ByteString])
    func ignored(name: ByteString) {
        #expect(Self.head((name, "x")) == Self.head())
    }
}

@Suite struct CacheLifetimeTests {
    static func seconds(_ lines: ByteString...) -> Int64? {
        CacheLifetime.seconds(lines.map { HeaderField("cache-control", $0) })
    }

    @Test("KEY-18 What an answer says of its lifetime, and nothing where it says nothing usable")
    func lifetimes() {
        #expect(Self.seconds() == nil)
        #expect(Self.seconds("max-age=60") == 60)
        #expect(Self.seconds("public,Max-Age=60 , immutable") == 60)
        #expect(Self.seconds("no-store") == 0)
        #expect(Self.seconds("max-age=60, no-cache") == 0)
        #expect(Self.seconds("max-age=") == nil)
        #expect(Self.seconds("max-age=-1") == nil)
        #expect(Self.seconds("max-age=\"60\"") == nil)
        #expect(Self.seconds("max-age=9999999999") == 9_999_999_999)
        #expect(Self.seconds("max-age=99999999999") == nil)
        #expect(Self.seconds("max-age=60", "max-age=60") == nil)
        #expect(Self.seconds("private") == nil)
    }
}
