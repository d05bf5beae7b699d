import CCloakroom
import Encodings
import Engine
import Glibc
import HTTPMessages
import Runtime

/// What is known of a request.
@safe struct RequestState {
    let hostData: UnsafeMutableRawPointer?
    /// Once there is a decision.
    var settled: Settled?
    /// Of a request that is or was under way: one that is recalled needs no engine.
    var started: (engine: EngineHandle, ticket: RequestTicket)?
    /// Of a recalled answer that edits this request's own `Cookie` field: the length of what that
    /// becomes, which lies in the handle's tail.
    var cookieLength: Int?
    /// What the host asked for.
    var notes: RequestNotes?
}

/// `cloakroom_request`: its state, and behind it in the same memory the `Cookie` field of a
/// recalled answer.  So most requests take one allocation.
@safe final class RequestHandle: ManagedBuffer<RequestState, UInt8> {
    /// For a request that is to be started.
    static func fresh(_ hostData: UnsafeMutableRawPointer?) -> RequestHandle {
        unsafe make(RequestState(hostData: hostData), tail: 0)
    }

    /// For a request that needs no start.
    /// - Parameters:
    ///   - cookie: what stays of `line`, where the answer edits that.
    static func recalled(
        _ settled: Settled, _ hostData: UnsafeMutableRawPointer?,
        _ cookie: CookieHeader.Remainder?, of line: Span<UInt8>
    ) -> RequestHandle {
        let handle = unsafe make(
            RequestState(hostData: hostData, settled: settled, cookieLength: cookie?.count),
            tail: cookie?.count ?? 0)
        if let cookie, cookie.count > 0 {
            unsafe handle.withUnsafeMutablePointerToElements { start in
                // SAFETY: the tail was made for that many bytes.
                let tail = unsafe UnsafeMutableBufferPointer(start: start, count: cookie.count)
                var output = unsafe OutputSpan(buffer: tail, initializedCount: 0)
                cookie.write(line, to: &output)
                _ = unsafe output.finalize(for: tail)
            }
        }
        return handle
    }

    private static func make(_ state: RequestState, tail: Int) -> RequestHandle {
        let buffer = create(minimumCapacity: tail) { _ in state }
        // SAFETY: `create` makes an object of the class that it is called on.
        return unsafe unsafeDowncast(buffer, to: RequestHandle.self)
    }

    deinit {
        guard let length = header.cookieLength, length > 0 else { return }
        // SAFETY: that many bytes were written when the handle was made.
        unsafe withUnsafeMutablePointerToElements { unsafe explicit_bzero($0, length) }
    }

    /// To be called once, on a fresh handle.
    func begin(_ engine: EngineHandle, _ ticket: RequestTicket) {
        header.started = (engine, ticket)
    }

    var hostData: UnsafeMutableRawPointer? { unsafe header.hostData }
    var started: (engine: EngineHandle, ticket: RequestTicket)? { header.started }

    var answer: Settled? {
        if let settled = header.settled { return settled }
        header.settled = header.started?.ticket.settled
        return header.settled
    }

    /// What the host has asked for before stays where it is.
    var notes: RequestNotes {
        if let notes = header.notes { return notes }
        let notes = RequestNotes()
        header.notes = notes
        return notes
    }

    /// - Parameter list: one of the CLOAKROOM_HEADERS_ numbers.
    func headerField(_ list: Int32, _ index: Int) -> cloakroom_header? {
        guard let answer else { return nil }
        switch list {
        case Int32(CLOAKROOM_HEADERS_UPSTREAM):
            if index == answer.upstream.count, let cookie = unsafe cookieField {
                return unsafe cookie
            }
            return unsafe cloakroom_header(answer.upstream.place(index))
        case Int32(CLOAKROOM_HEADERS_CLIENT):
            return unsafe cloakroom_header(answer.client.place(index))
        default: return nil
        }
    }

    /// What becomes of this request's own `Cookie` field; an absent value only removes it.
    private var cookieField: cloakroom_header? {
        guard let length = header.cookieLength else { return nil }
        let value =
            unsafe length == 0
            ? cloakroom_str.absent
            : withUnsafeMutablePointerToElements {
                unsafe cloakroom_str(UnsafeRawBufferPointer(start: $0, count: length))
            }
        return unsafe cloakroom_header(name: cloakroom_str("Cookie"), value: value)
    }
}
