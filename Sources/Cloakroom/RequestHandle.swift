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
    /// Who has just checked the token of a request that was not started.
    var prover: EngineHandle?
    /// The header fields for the upstream that lie in the handle's tail; 0: those of the decision.
    var ownFields = 0
    /// Bytes of the `Cookie` field, behind those.
    var cookieLength = 0
    /// What the host asked for.
    var notes: RequestNotes?
}

/// `cloakroom_request`: its state, and behind it in the same memory what a recalled answer makes
/// of this request's own `Cookie` field.  So most requests take one allocation.
@safe final class RequestHandle: ManagedBuffer<RequestState, cloakroom_header> {
    /// For a request that is to be started.
    static func fresh(_ hostData: UnsafeMutableRawPointer?) -> RequestHandle {
        unsafe make(RequestState(hostData: hostData), tail: 0)
    }

    /// For a request that needs no start.
    /// - Parameters:
    ///   - engine: nil where nothing was checked.
    ///   - cookie: what stays of `line`, where the answer edits that.
    static func recalled(
        _ settled: Settled, provenBy engine: EngineHandle?,
        _ hostData: UnsafeMutableRawPointer?, _ cookie: CookieSplitter.Remainder?,
        of line: Span<UInt8>
    ) -> RequestHandle {
        guard let cookie else {
            return unsafe make(
                RequestState(hostData: hostData, settled: settled, prover: engine), tail: 0)
        }
        let shared = unsafe settled.upstream.fields.count
        let size = unsafe MemoryLayout<cloakroom_header>.stride
        let handle = unsafe make(
            RequestState(
                hostData: hostData, settled: settled, ownFields: shared + 1,
                cookieLength: cookie.count),
            tail: shared + 1 + (cookie.count + size - 1) / size)
        unsafe handle.withUnsafeMutablePointerToElements { fields in
            // SAFETY: the tail was made for these fields and that many bytes behind them.
            let bytes = unsafe UnsafeMutableRawPointer(fields + shared + 1)
                .bindMemory(to: UInt8.self, capacity: cookie.count)
            let text = unsafe UnsafeMutableBufferPointer(start: bytes, count: cookie.count)
            var output = unsafe OutputSpan(buffer: text, initializedCount: 0)
            cookie.write(line, to: &output)
            let count = unsafe output.finalize(for: text)
            unsafe cloakroom_header.copy(settled.upstream.fields, to: fields)
            unsafe (fields + shared).initialize(
                to: cloakroom_header(
                    name: cloakroom_str("Cookie"),
                    value: count == 0
                        ? .absent
                        : cloakroom_str(UnsafeRawBufferPointer(start: bytes, count: count))))
        }
        return handle
    }

    private static func make(_ state: RequestState, tail: Int) -> RequestHandle {
        let buffer = unsafe create(minimumCapacity: tail) { _ in state }
        // SAFETY: `create` makes an object of the class that it is called on.
        return unsafe unsafeDowncast(buffer, to: RequestHandle.self)
    }

    deinit {
        unsafe withUnsafeMutablePointers { state, fields in
            let length = unsafe state.pointee.cookieLength
            // SAFETY: that many bytes were written when the handle was made.
            if length > 0 { unsafe explicit_bzero(fields + state.pointee.ownFields, length) }
        }
    }

    /// Not by `header`: nobody else touches a request meanwhile, and to have that checked costs
    /// more than the rest.
    private func withState<Result>(_ body: (inout RequestState) -> Result) -> Result {
        // SAFETY: the state lives as long as `self`.
        unsafe withUnsafeMutablePointerToHeader { unsafe body(&$0.pointee) }
    }

    /// To be called once, on a fresh handle.
    func begin(_ engine: EngineHandle, _ ticket: RequestTicket) {
        withState { $0.started = (engine, ticket) }
    }

    var prover: EngineHandle? { withState { $0.prover } }
    var hostData: UnsafeMutableRawPointer? { unsafe withState { unsafe $0.hostData } }
    var started: (engine: EngineHandle, ticket: RequestTicket)? { withState { $0.started } }

    var answer: Settled? {
        withState { state in
            if state.settled == nil { state.settled = state.started?.ticket.settled }
            return state.settled
        }
    }

    /// What the host has asked for before stays where it is.
    var notes: RequestNotes {
        withState { state in
            let notes = state.notes ?? RequestNotes()
            state.notes = notes
            return notes
        }
    }

    /// - Parameter list: one of the CLOAKROOM_HEADERS_ numbers.
    /// - Returns: empty while there is no decision, and for any other list.
    func headerFields(_ list: Int32) -> UnsafeBufferPointer<cloakroom_header> {
        guard let answer else { return unsafe UnsafeBufferPointer(start: nil, count: 0) }
        switch list {
        case Int32(CLOAKROOM_HEADERS_UPSTREAM):
            let own = withState { $0.ownFields }
            guard own == 0 else {
                return unsafe withUnsafeMutablePointerToElements {
                    unsafe UnsafeBufferPointer(start: $0, count: own)
                }
            }
            return unsafe cloakroom_header.view(answer.upstream.fields)
        case Int32(CLOAKROOM_HEADERS_CLIENT):
            return unsafe cloakroom_header.view(answer.client.fields)
        default: return unsafe UnsafeBufferPointer(start: nil, count: 0)
        }
    }
}

extension cloakroom_header {
    /// The same fields under C's name.
    fileprivate static func view(
        _ fields: UnsafeBufferPointer<HeaderBlock.Field>
    ) -> UnsafeBufferPointer<cloakroom_header> {
        // SAFETY: both are two starts, each with its length, in this order.
        let start = unsafe UnsafeRawPointer(fields.baseAddress)
        return unsafe UnsafeBufferPointer(
            start: start?.assumingMemoryBound(to: cloakroom_header.self), count: fields.count)
    }

    fileprivate static func copy(
        _ fields: UnsafeBufferPointer<HeaderBlock.Field>,
        to place: UnsafeMutablePointer<cloakroom_header>
    ) {
        guard let start = unsafe view(fields).baseAddress else { return }
        unsafe place.initialize(from: start, count: fields.count)
    }
}
