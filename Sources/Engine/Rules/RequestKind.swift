import Encodings
package import HTTPMessages

/// Who is asking: a person who opens a page, a script, or a browser that asks for permission.
/// - Source: Fetch Metadata Request Headers; LOG-12, BEA-13.
package enum RequestKind: Hashable, Sendable {
    /// A page is opened in a tab: may be sent to the provider.
    case navigation
    /// Everything else: gets a status that a program understands.
    case script
    /// A CORS preflight: carries no credentials and is never redirected.
    case preflight

    package init(_ head: RequestHead) {
        if Self.isPreflight(head) {
            self = .preflight
        } else if head.method == "GET" || head.method == "HEAD", Self.opensPage(head) {
            self = .navigation
        } else {
            self = .script
        }
    }

    /// - Source: Fetch, "CORS-preflight request".
    package static func isPreflight(_ head: RequestHead) -> Bool {
        head.method == "OPTIONS" && head.has(.preflightMethod) && head.has(.origin)
    }

    /// False where the browser says that it loads something else than a page in a tab: for a
    /// script, a frame or an image.
    package static func mayBePage(_ head: RequestHead) -> Bool {
        head.hasOnly("navigate", in: .fetchMode)
            && head.hasOnly("document", in: .fetchDestination)
    }

    private static func opensPage(_ head: RequestHead) -> Bool {
        if head.has(.fetchMode) || head.has(.fetchDestination) { return mayBePage(head) }
        guard !head.has(.scriptMark), !head.has(.upgrade) else { return false }
        return head.values(.accept).contains { line in
            line.lowercased.words(separatedBy: 0x2C).contains { range in
                range.words(separatedBy: 0x3B).first?.words().first == "text/html"
            }
        }
    }
}
