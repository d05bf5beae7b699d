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
    package private(set) var origin: [ByteString] = []
    package private(set) var accept: [ByteString] = []
    package private(set) var upgrade: [ByteString] = []
    package private(set) var fetchSite: [ByteString] = []
    package private(set) var fetchMode: [ByteString] = []
    package private(set) var fetchDestination: [ByteString] = []
    package private(set) var preflightMethod: [ByteString] = []
    /// `X-Requested-With` and `X-Cloakroom`: fields that a form of another site cannot send.
    package private(set) var scriptMarks: [ByteString] = []

    package init(method: ByteString, target: ByteString, policy: ByteString) {
        self.method = method
        self.target = target
        self.policy = policy
    }

    /// Keeps the value of a header field if Cloakroom looks at that field.
    package mutating func note(name: Span<UInt8>, value: Span<UInt8>) {
        switch name.count {
        case 6:
            if name.isEqual(to: "cookie") {
                cookies.append(ByteString(copying: value))
            } else if name.isEqual(to: "origin") {
                origin.append(ByteString(copying: value))
            } else if name.isEqual(to: "accept") {
                accept.append(ByteString(copying: value))
            }
        case 7 where name.isEqual(to: "upgrade"): upgrade.append(ByteString(copying: value))
        case 11 where name.isEqual(to: "x-cloakroom"):
            scriptMarks.append(ByteString(copying: value))
        case 13 where name.isEqual(to: "authorization"):
            authorization.append(ByteString(copying: value))
        case 14:
            if name.isEqual(to: "sec-fetch-site") {
                fetchSite.append(ByteString(copying: value))
            } else if name.isEqual(to: "sec-fetch-mode") {
                fetchMode.append(ByteString(copying: value))
            } else if name.isEqual(to: "sec-fetch-dest") {
                fetchDestination.append(ByteString(copying: value))
            }
        case 16 where name.isEqual(to: "x-requested-with"):
            scriptMarks.append(ByteString(copying: value))
        case 29 where name.isEqual(to: "access-control-request-method"):
            preflightMethod.append(ByteString(copying: value))
        default: break
        }
    }

    package var path: ByteString { target.divided(at: 0x3F)?.0 ?? target }
    package var query: ByteString? { target.divided(at: 0x3F)?.1 }
}

extension Span<UInt8> {
    /// Compares without case.
    /// - Parameter text: in lower case.
    fileprivate func isEqual(to text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount == count else { return false }
        // SAFETY: a StaticString lives for ever, and both lengths were compared above.
        let letters = unsafe text.utf8Start
        for index in indices {
            if ASCII.lowercased(self[index]) != (unsafe letters[index]) { return false }
        }
        return true
    }
}
