package import Encodings
package import HTTPMessages

/// Whether a request that carries the session cookie may come from another site.
///
/// Browsers send the cookie along with requests that other sites cause.  So a request that can
/// change something, or opens a WebSocket, must prove that a page of ours sent it; the first
/// proof that is present decides, and none refuses.  SameSite alone does not stop sibling hosts.
/// - Source: OAuth for Browser-Based Apps §6.1.3.3; BRW-01, BRW-03, BRW-04.
package enum SameOriginProof {
    /// - Parameter origin: our own, from the configuration.
    package static func admits(
        _ head: RequestHead, origin: ByteString, allowsCrossSiteReads: Bool
    ) -> Bool {
        isUnsafe(head) ? isProven(head, origin: origin) : isSafeRead(head) || allowsCrossSiteReads
    }

    /// True where a page of ours must have sent it.
    package static func isUnsafe(_ head: RequestHead) -> Bool {
        !(head.method == "GET" || head.method == "HEAD" || head.method == "OPTIONS")
            || head.has(.upgrade)
    }

    /// `Sec-Fetch-Site`, else `Origin`, else a field that only a script of ours can set.
    package static func isProven(_ head: RequestHead, origin: ByteString) -> Bool {
        if head.has(.fetchSite) {
            // "none": the person typed it or used a bookmark; no page can cause that.
            let site = head.values(.fetchSite)
            return site == ["same-origin"] || site == ["none"]
        }
        if head.has(.origin) { return head.values(.origin) == [origin] }
        return head.values(.scriptMark).contains { !$0.isEmpty }
    }

    /// True where there is no proof at all, for or against.
    package static func isUnknown(_ head: RequestHead) -> Bool {
        !head.has(.fetchSite) && !head.has(.origin) && !head.has(.scriptMark)
    }

    /// Links from elsewhere open our pages; images, frames and fetches from elsewhere get nothing.
    private static func isSafeRead(_ head: RequestHead) -> Bool {
        !head.has("cross-site", in: .fetchSite)
            || head.has(.fetchMode) && RequestKind.mayBePage(head)
    }
}
