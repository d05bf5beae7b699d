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

    private var shelf = Shelf()
    private var body: cloakroom_str?
    private var reason: cloakroom_str?
    private var sessionState: cloakroom_str?
    private var upstream: [cloakroom_header]?
    private var client: [cloakroom_header]?
    private var claims: [ByteString: cloakroom_str] = unsafe [:]

    init(_ engine: EngineHandle, hostData: UnsafeMutableRawPointer?) {
        self.engine = engine
        unsafe self.hostData = hostData
    }

    var decision: Decision? { ticket?.decision }

    var reasonSlice: cloakroom_str {
        guard let decision else { return unsafe .absent }
        if let reason = unsafe reason { return unsafe reason }
        let slice = unsafe shelf.place(decision.reason.word)
        unsafe reason = slice
        return unsafe slice
    }

    var bodySlice: cloakroom_str {
        guard case .respond(_, let text) = decision?.outcome else { return unsafe .absent }
        if let body = unsafe body { return unsafe body }
        let slice = unsafe shelf.place(text)
        unsafe body = slice
        return unsafe slice
    }

    /// - Parameter list: one of the CLOAKROOM_HEADERS_ numbers.
    func headers(_ list: Int32) -> [cloakroom_header]? {
        guard let decision else { return nil }
        switch list {
        case Int32(CLOAKROOM_HEADERS_UPSTREAM):
            let made = unsafe upstream ?? decision.upstreamEdits.map { edit in
                unsafe cloakroom_header(
                    name: shelf.place(edit.name),
                    value: edit.value.map { unsafe shelf.place($0) } ?? .absent)
            }
            unsafe upstream = made
            return unsafe made
        case Int32(CLOAKROOM_HEADERS_CLIENT):
            let made = unsafe client ?? decision.clientHeaders.map { field in
                unsafe cloakroom_header(
                    name: shelf.place(field.name), value: shelf.place(field.value))
            }
            unsafe client = made
            return unsafe made
        default: return nil
        }
    }

    func claim(_ name: ByteString) -> cloakroom_str? {
        if let known = unsafe claims[name] { return unsafe known }
        guard let value = decision?.claims?[name] else { return nil }
        let slice = unsafe shelf.place(value.string ?? value.serialized)
        unsafe claims[name] = slice
        return unsafe slice
    }

    var sessionStateSlice: cloakroom_str {
        guard let state = decision?.sessionState else { return unsafe .absent }
        if let slice = unsafe sessionState { return unsafe slice }
        let slice = unsafe shelf.place(ByteString(state.rawValue))
        unsafe sessionState = slice
        return unsafe slice
    }
}
