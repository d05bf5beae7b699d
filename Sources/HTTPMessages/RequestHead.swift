package import Encodings

/// What Cloakroom looks at in a request.  All other header fields are never copied.
package struct RequestHead: Hashable, Sendable {
    package var method: ByteString
    /// Path and query as received.
    package var target: ByteString
    /// Name of the policy it must meet.
    package var policy: ByteString

    package private(set) var authorization: [ByteString] = []
    package private(set) var cookies: [ByteString] = []
    private var others: [Noted] = []

    /// The fields beside `Authorization` and `Cookie`.
    package enum Kind: Hashable, Sendable {
        case origin, accept, upgrade, fetchSite, fetchMode, fetchDestination, preflightMethod
        /// `X-Requested-With` and `X-Cloakroom`: fields that a form of another site cannot send.
        case scriptMark
    }

    private struct Noted: Hashable, Sendable {
        let kind: Kind
        let value: ByteString
    }

    package init(method: ByteString, target: ByteString, policy: ByteString) {
        self.method = method
        self.target = target
        self.policy = policy
    }

    /// Keeps the value of a header field if Cloakroom looks at that field.
    package mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        switch name.count {
        case 6:
            if name.isName("cookie") {
                cookies.append(ByteString(copying: value))
            } else if name.isName("origin") {
                note(.origin, value)
            } else if name.isName("accept") {
                note(.accept, value)
            }
        case 7 where name.isName("upgrade"): note(.upgrade, value)
        case 11 where name.isName("x-cloakroom"): note(.scriptMark, value)
        case 13 where name.isName("authorization"):
            authorization.append(ByteString(copying: value))
        case 14:
            if name.isName("sec-fetch-site") {
                note(.fetchSite, value)
            } else if name.isName("sec-fetch-mode") {
                note(.fetchMode, value)
            } else if name.isName("sec-fetch-dest") {
                note(.fetchDestination, value)
            }
        case 16 where name.isName("x-requested-with"): note(.scriptMark, value)
        case 29 where name.isName("access-control-request-method"):
            note(.preflightMethod, value)
        default: break
        }
    }

    private mutating func note(_ kind: Kind, _ value: Span<UInt8>) {
        if others.isEmpty { others.reserveCapacity(6) }
        others.append(Noted(kind: kind, value: CommonWords.text(value)))
    }

    // MARK: What was noted

    package func has(_ kind: Kind) -> Bool { others.contains { $0.kind == kind } }
    package func has(_ value: StaticString, in kind: Kind) -> Bool {
        others.contains { $0.kind == kind && $0.value == value }
    }
    /// True where no field of that kind has another value; also where there is none.
    package func hasOnly(_ value: StaticString, in kind: Kind) -> Bool {
        others.allSatisfy { $0.kind != kind || $0.value == value }
    }
    /// In order; names repeat.
    package func values(_ kind: Kind) -> [ByteString] {
        others.compactMap { $0.kind == kind ? $0.value : nil }
    }

    package var query: ByteString? { target.divided(at: 0x3F)?.1 }
}
