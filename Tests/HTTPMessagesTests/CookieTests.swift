import Encodings
import HTTPMessages
import Testing

@Suite struct CookieHeaderTests {
    @Test("COK-06 Cookies of all lines are read, in their order")
    func lines() {
        let cookies = CookieHeader(["a=1; b=2", "c=3"])
        #expect(cookies.names == ["a", "b", "c"])
        #expect(cookies.lookup("b") == .once("2"))
        #expect(cookies.lookup("c") == .once("3"))
    }

    @Test(
        "COK-08 Names and values stand as they are, but for white space around a pair",
        arguments: [
        ("a=1", "a", "1"), ("  a=1\t", "a", "1"), ("a=\"1\"", "a", "\"1\""), ("a=%31", "a", "%31"),
        ("a=1=2", "a", "1=2"), ("a=", "a", ""), ("=1", "", "1"), ("a", "", "a"),
        ("a =1", "a ", "1"), ("a= 1", "a", " 1"), ("A=1", "A", "1"), ("a=1,b=2", "a", "1,b=2"),
    ] as [(ByteString, ByteString, ByteString)])
    func pairs(line: ByteString, name: ByteString, value: ByteString) {
        #expect(CookieHeader([line]).names == [name])
        #expect(CookieHeader([line]).lookup(name) == .once(value))
    }

    @Test("COK-07 A name that is there twice is neither the first nor the last")
    func repeated() {
        #expect(CookieHeader(["a=1"]).lookup("a") == .once("1"))
        #expect(CookieHeader(["a=1; a=1"]).lookup("a") == .repeated)
        #expect(CookieHeader(["a=1", "a=2"]).lookup("a") == .repeated)
        #expect(CookieHeader(["a=1; b=2; a=; a"]).lookup("a") == .repeated)
        #expect(CookieHeader(["a=1; A=2"]).lookup("a") == .once("1"))
        #expect(CookieHeader(["ab=1"]).lookup("a") == .absent)
        #expect(CookieHeader([]).lookup("a") == .absent)
        #expect(CookieHeader(["", ";;; ;\t"]).names.isEmpty)
    }

    @Test("COK-14 Removing leaves the others as they were, in one line", arguments: [
        (["x=1; a=2; y=3"], "x=1; y=3"), (["x=1;a=2;y=3"], "x=1; y=3"), (["a=2"], nil),
        (["x", "a=1", "y=\"1 2\""], "x; y=\"1 2\""), (["a=1; a=2"], nil), ([""], nil),
        (["x==; =y"], "x==; =y"), ([";; x=1 ;;", ""], "x=1"), ([" a=1; x=1"], "x=1"),
        (["A=1"], "A=1"),
    ] as [([ByteString], ByteString?)])
    func removing(lines: [ByteString], rest: ByteString?) {
        #expect(CookieHeader(lines).removing { ByteString($0) == "a" } == rest)
    }
}

@Suite struct SetCookieTests {
    @Test("COK-01 COK-02 COK-03 COK-04 A cookie of ours is HttpOnly and Secure, without domain")
    func text() {
        let cookie = SetCookie(
            name: "__Host-x", value: "v", sameSite: "Lax", isSecure: true, maxAge: 600)
        #expect(cookie.text == "__Host-x=v; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=600")
        #expect(cookie.field == HeaderField("Set-Cookie", cookie.text))
    }

    @Test("Only the development setting leaves Secure out")
    func development() {
        let cookie = SetCookie(name: "x", value: "v", sameSite: "Lax", isSecure: false, maxAge: 1)
        #expect(cookie.text == "x=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=1")
    }

    @Test(
        "COK-12 A deletion has the same attributes, no age and an expiry long past",
        arguments: [0, -1, .min] as [Int64])
    func deletion(age: Int64) {
        let cookie = SetCookie(
            name: "__Host-x", value: "", sameSite: "Strict", isSecure: true, maxAge: age)
        let text: ByteString =
            "__Host-x=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0; "
            + "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        #expect(cookie.text == text)
    }
}

@Suite struct GuardedCookiesTests {
    let cookies = GuardedCookies(sessionName: "__Host-sid")

    @Test("COK-15 A Set-Cookie of our names is known, however it is spaced", arguments: [
        "__Host-sid=x", "__Host-sid=x; Path=/; Secure", " __Host-sid=x", "\t__Host-sid =x",
        "__Host-sid\t= x", "__Host-sid=", "__Host-sid", "__Host-sid;", " __Host-sid ; Secure",
        "__Host-sid-login-abc=x", "__Host-sid-login-=x", " __Host-sid-login-abc",
        // Without a name a browser sends the value alone, which reads like a pair.
        "=__Host-sid=x", " = __Host-sid=x; Path=/", "=__Host-sid", "==__Host-sid=x",
        "=__Host-sid-login-a=x",
    ] as [ByteString])
    func ours(text: ByteString) {
        #expect(cookies.isSet(by: text))
    }

    @Test(
        "COK-15 Others pass: names are compared with their case, and values do not count",
        arguments: [
        "sid=x", "__host-sid=x", "__HOST-SID=x", "__Host-sid2=x", "x__Host-sid=x",
        "a=__Host-sid=x", "a=1; __Host-sid=x", "", ";", "=", "=a", "__Host-sid-logout=x",
        "__Host%2Dsid=x", "\"__Host-sid\"=x", "; __Host-sid=x",
    ] as [ByteString])
    func strange(text: ByteString) {
        #expect(!cookies.isSet(by: text))
    }

    @Test("COK-14 The session cookie and its attempts are ours, and nothing else")
    func contains() {
        #expect(cookies.contains("__Host-sid"))
        #expect(cookies.contains("__Host-sid-login-abc"))
        for name: ByteString in ["", "__Host-sid-", "__Host-sid-login", "__host-sid", "a"] {
            #expect(!cookies.contains(name))
        }
    }

    @Test("COK-14 COK-15 COK-16 Those of other providers are ours, too, and take the closer look")
    func others() throws {
        let both = try #require(GuardedCookies(sessionNames: ["__Host-sid", "__Host-b", "c"]))
        for name: ByteString in ["__Host-sid", "__Host-b", "__Host-b-login-x", "c", "c-login-"] {
            #expect(both.contains(name))
            #expect(both.isSet(by: name + "=x"))
        }
        for name: ByteString in ["__Host-b2", "__Host-", "cc", "c-login", "b", ""] {
            #expect(!both.contains(name))
        }
        let line: ByteString = "a=1; __Host-sid=x; cc=2"
        #expect(Self.split(line, both) == "a=1; cc=2")
        #expect(Self.split(line + "; c=3", both) == nil)
        #expect(Self.split("__Host-b-login-y=3; " + line, both) == nil)
    }

    /// - Returns: what stays of the line.
    static func split(_ line: ByteString, _ names: GuardedCookies) -> ByteString? {
        guard let kept = CookieSplitter(names).split(line.span) else { return nil }
        return ByteString([UInt8](capacity: kept.count) { kept.write(line.span, to: &$0) })
    }
}
