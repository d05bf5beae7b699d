import Encodings
import HTTPMessages

/// A request as a test writes it.
struct TestRequest {
    var method: ByteString = "GET"
    var target: ByteString = "/"
    var policy: ByteString = "web"
    var headers: [(ByteString, ByteString)] = []

    /// A person opens a page.
    static func page(_ target: ByteString, _ headers: (ByteString, ByteString)...) -> Self {
        TestRequest(
            target: target,
            headers: [
                ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "navigate"),
                ("Sec-Fetch-Dest", "document"), ("Accept", "text/html"),
            ] + headers)
    }
    /// A script of ours asks.
    static func script(
        _ method: ByteString, _ target: ByteString, _ headers: (ByteString, ByteString)...
    ) -> Self {
        TestRequest(
            method: method, target: target,
            headers: [
                ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"),
                ("Sec-Fetch-Dest", "empty"), ("Accept", "application/json"),
            ] + headers)
    }
    /// Nothing but what is written.
    static func plain(
        _ method: ByteString, _ target: ByteString, _ headers: (ByteString, ByteString)...
    ) -> Self {
        TestRequest(method: method, target: target, headers: headers)
    }
    static func api(_ headers: (ByteString, ByteString)...) -> Self {
        TestRequest(target: "/v1", policy: "api", headers: headers)
    }

    func under(_ policy: ByteString) -> Self {
        var copy = self
        copy.policy = policy
        return copy
    }
    func with(_ name: ByteString, _ value: ByteString) -> Self {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }
    func without(_ name: ByteString) -> Self {
        var copy = self
        copy.headers.removeAll { $0.0 == name }
        return copy
    }
    func cookie(_ text: ByteString) -> Self { with("Cookie", text) }

    var head: RequestHead {
        var head = RequestHead(method: method, target: target, policy: policy)
        for (name, value) in headers { head.note(name: name.bytes.span, value: value.bytes.span) }
        return head
    }
}
