import CCloakroom
import Encodings
import Engine
import HTTPMessages
import JOSE
import Runtime

/// `cloakroom_request`.
///
/// What the host asks for is put on the shelf when it asks first, and stays there unmoved.
@safe final class RequestHandle {
    let engine: EngineHandle
    let hostData: UnsafeMutableRawPointer?
    /// Set once, right after the start.
    var ticket: RequestTicket?

    /// Once there is a decision.
    private var settled: Settled?
    /// Of a recalled answer: what this request's own `Cookie` field becomes.
    private var cookieEdit: CookieEdit?
    /// What the host asked for that lies nowhere yet.
    private var shelf: Shelf?
    private var body: cloakroom_str?
    private var reason: cloakroom_str?
    private var explanation: cloakroom_str?
    private var sessionState: cloakroom_str?
    private var claims: [ByteString: cloakroom_str] = unsafe [:]

    init(_ engine: EngineHandle, hostData: UnsafeMutableRawPointer?) {
        self.engine = engine
        unsafe self.hostData = hostData
    }

    /// A request that needed no start.
    init(
        _ engine: EngineHandle, hostData: UnsafeMutableRawPointer?, _ settled: Settled,
        _ recall: Recall
    ) {
        self.engine = engine
        unsafe self.hostData = hostData
        self.settled = settled
        if recall.editsCookie {
            cookieEdit = CookieEdit(recall.cookie)
        }
    }

    private var answer: Settled? {
        if settled == nil { settled = ticket?.settled }
        return settled
    }
    var decision: Decision? { answer?.decision }

    private func place(_ text: ByteString) -> cloakroom_str {
        let shelf = shelf ?? Shelf()
        self.shelf = shelf
        return unsafe shelf.place(text)
    }

    var reasonSlice: cloakroom_str {
        guard let decision else { return unsafe .absent }
        if let reason = unsafe reason { return unsafe reason }
        let slice = unsafe place(decision.reason.word)
        unsafe reason = slice
        return unsafe slice
    }

    /// One while there is no decision is not kept: the next may know more.
    var explanationSlice: cloakroom_str {
        if let explanation = unsafe explanation { return unsafe explanation }
        let decision = decision
        guard
            let text = ticket.map(engine.driver.explain)
                ?? decision.map(Explanation.text(ofRecalled:))
        else { return unsafe .absent }
        let slice = unsafe place(text)
        if decision != nil { unsafe explanation = slice }
        return unsafe slice
    }

    var bodySlice: cloakroom_str {
        guard case .respond(_, let text) = decision?.outcome else { return unsafe .absent }
        if let body = unsafe body { return unsafe body }
        let slice = unsafe place(text)
        unsafe body = slice
        return unsafe slice
    }

    /// - Parameter list: one of the CLOAKROOM_HEADERS_ numbers.
    func header(_ list: Int32, _ index: Int) -> cloakroom_header? {
        guard let answer else { return nil }
        switch list {
        case Int32(CLOAKROOM_HEADERS_UPSTREAM):
            let count = answer.upstream.count
            guard index == count, let cookieEdit else {
                return unsafe cloakroom_header(answer.upstream.place(index))
            }
            return unsafe cookieEdit.header
        case Int32(CLOAKROOM_HEADERS_CLIENT):
            return unsafe cloakroom_header(answer.client.place(index))
        default: return nil
        }
    }

    func claim(_ name: ByteString) -> cloakroom_str? {
        if let known = unsafe claims[name] { return unsafe known }
        guard let value = decision?.claims?[name] else { return nil }
        let slice = unsafe place(value.string ?? value.serialized)
        unsafe claims[name] = slice
        return unsafe slice
    }

    var sessionStateSlice: cloakroom_str {
        guard let state = decision?.sessionState else { return unsafe .absent }
        if let slice = unsafe sessionState { return unsafe slice }
        let slice = unsafe place(ByteString(state.rawValue))
        unsafe sessionState = slice
        return unsafe slice
    }
}
