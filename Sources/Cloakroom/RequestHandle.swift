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
    private var upstream: UnsafeBufferPointer<cloakroom_header>?
    private var client: UnsafeBufferPointer<cloakroom_header>?
    private var claims: [ByteString: cloakroom_str] = unsafe [:]

    init(_ engine: EngineHandle, hostData: UnsafeMutableRawPointer?) {
        self.engine = engine
        unsafe self.hostData = hostData
    }

    /// Once it is there it stays as it is.
    private var settled: Settled?
    var decision: Decision? {
        if settled == nil { settled = ticket?.settled }
        return settled?.decision
    }

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
    func headers(_ list: Int32) -> UnsafeBufferPointer<cloakroom_header>? {
        switch list {
        case Int32(CLOAKROOM_HEADERS_UPSTREAM):
            if let upstream = unsafe upstream { return unsafe upstream }
            guard let edits = decision?.upstreamEdits else { return nil }
            unsafe upstream = shelf.place(edits.lazy.map { ($0.name, $0.value) })
            return unsafe upstream
        case Int32(CLOAKROOM_HEADERS_CLIENT):
            if let client = unsafe client { return unsafe client }
            guard let fields = decision?.clientHeaders else { return nil }
            unsafe client = shelf.place(fields.lazy.map { ($0.name, $0.value) })
            return unsafe client
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
