public import CCloakroom
import Encodings
import Engine
import HTTPMessages
import Runtime

/// More header fields than any server passes on; a host that hands in more is in trouble.
private let headerLimit = 10_000

/// Corresponds to `cloakroom_request_start`.
@implementation @_cdecl("cloakroom_request_start")
public func cloakroom_request_start(
    _ engine: OpaquePointer!, _ info: UnsafePointer<cloakroom_request_info>!,
    _ request_out: UnsafeMutablePointer<OpaquePointer?>!
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(engine, EngineHandle.self),
        let info = unsafe info, let out = unsafe request_out,
        unsafe info.pointee.struct_size >= MemoryLayout<cloakroom_request_info>.size,
        unsafe info.pointee.method.data != nil, unsafe info.pointee.target.data != nil,
        unsafe info.pointee.isPossible,
        unsafe info.pointee.headers != nil || info.pointee.header_count == 0
    else { return Status.misuse }
    // A count beyond `Int.max` arrives as a negative number.
    guard unsafe (0...headerLimit).contains(info.pointee.header_count) else { return Status.limit }
    if let request = unsafe recall(handle, info.pointee) {
        unsafe out.pointee = Handle.give(request)
        handle.deliverLog()
        return Status.ok
    }
    var head = RequestHead(
        method: unsafe info.pointee.method.withSpan(CommonWords.text),
        target: unsafe ByteString.orEmpty(info.pointee.target),
        policy: unsafe ByteString(info.pointee.policy) ?? "default")
    guard unsafe info.pointee.forEachHeader({ head.note(name: $0, value: $1) }) else {
        return Status.misuse
    }
    let request = unsafe RequestHandle.fresh(info.pointee.host_data)
    let pointer = unsafe Handle.give(request)
    let ticket = handle.driver.makeTicket(hostData: UInt(bitPattern: pointer))
    // First: another thread of the host may fetch the request while it is being started.
    request.begin(handle, ticket)
    do throws(RuntimeFailure) {
        try handle.driver.start(ticket, head)
    } catch {
        _ = unsafe Handle.take(pointer, RequestHandle.self)
        return Status.limit
    }
    unsafe out.pointee = pointer
    handle.deliverLog()
    // Not whether there is a decision: one that came just now is still to be fetched.
    return ticket.isPending ? Status.pending : Status.ok
}

/// Most requests are answered as an equal one was a moment ago.
private func recall(
    _ engine: EngineHandle, _ info: cloakroom_request_info
) -> RequestHandle? {
    let policy = unsafe info.policy.data == nil ? cloakroom_str.defaultPolicy : info.policy
    guard let guarded = unsafe policy.withSpan(engine.guarded) else { return nil }
    var glance = unsafe info.method.withSpan { RequestGlance(method: $0) }
    guard unsafe info.look(with: &glance), let index = Recall.field(of: glance, under: guarded)
    else { return nil }
    // SAFETY: the glance has seen as many header fields as there are.
    return unsafe info.headers[index].value.withSpan { field in
        guard
            let recall = unsafe info.target.withSpan({ Recall(field, target: $0, guarded) }),
            let recalled = engine.driver.recall(
                recall, in: field, guarded, mayProve: !glance.mayBePreflight)
        else { return nil }
        return unsafe RequestHandle.recalled(
            recalled.answer, provenBy: recalled.isProven ? engine : nil, info.host_data,
            recall.cookie, of: field)
    }
}

extension cloakroom_request_info {
    /// - Returns: false where a field is no possible slice.
    fileprivate func look(with glance: inout RequestGlance) -> Bool {
        for index in 0..<(unsafe header_count) {
            // SAFETY: the host promises `header_count` header fields for the time of the call.
            let field = unsafe headers[index]
            guard unsafe field.name.isPossible, unsafe field.value.isPossible else { return false }
            guard unsafe RequestGlance.concerns(nameLength: field.name.len) else { continue }
            unsafe field.name.withSpan { name in
                unsafe field.value.withSpan { glance.note(index, name: name, value: $0) }
            }
        }
        return true
    }

    /// Also what nobody reads yet: a host that hands in nonsense learns it now.
    fileprivate var isPossible: Bool {
        unsafe method.isPossible && target.isPossible && policy.isPossible && scheme.isPossible
            && authority.isPossible && client_address.isPossible
    }

    /// - Returns: false where a field is no possible slice.
    fileprivate func forEachHeader(_ body: (Span<UInt8>, Span<UInt8>) -> Void) -> Bool {
        for index in 0..<(unsafe header_count) {
            // SAFETY: the host promises `header_count` header fields for the time of the call.
            let field = unsafe headers[index]
            guard unsafe field.name.isPossible, unsafe field.value.isPossible else { return false }
            unsafe field.name.withSpan { name in
                unsafe field.value.withSpan { value in body(name, value) }
            }
        }
        return true
    }
}

/// Corresponds to `cloakroom_request_wait`.
@implementation @_cdecl("cloakroom_request_wait")
public func cloakroom_request_wait(
    _ request: OpaquePointer!, _ timeout_ms: Int32
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self) else {
        return Status.misuse
    }
    guard let (engine, ticket) = handle.started else { return Status.ok }
    let isDecided = engine.driver.wait(ticket, milliseconds: Int64(timeout_ms))
    engine.deliverLog()
    return isDecided ? Status.ok : Status.pending
}

/// Corresponds to `cloakroom_request_decision`.
@implementation @_cdecl("cloakroom_request_decision")
public func cloakroom_request_decision(_ request: OpaquePointer!) -> cloakroom_decision {
    switch unsafe Handle.look(request, RequestHandle.self, { $0.answer?.isForward }) {
    case .some(true): cloakroom_decision(CLOAKROOM_DECISION_FORWARD)
    case .some(false): cloakroom_decision(CLOAKROOM_DECISION_RESPOND)
    case nil: cloakroom_decision(CLOAKROOM_DECISION_NONE)
    }
}

/// Corresponds to `cloakroom_request_response_status`.
@implementation @_cdecl("cloakroom_request_response_status")
public func cloakroom_request_response_status(_ request: OpaquePointer!) -> Int32 {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self) else { return -1 }
    if case .respond(let status, _) = handle.answer?.decision.outcome {
        return Int32(truncatingIfNeeded: status)
    }
    return 0
}

/// Corresponds to `cloakroom_request_response_body`.
@implementation @_cdecl("cloakroom_request_response_body")
public func cloakroom_request_response_body(_ request: OpaquePointer!) -> cloakroom_str {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self),
        let answer = handle.answer
    else { return unsafe .absent }
    return unsafe handle.notes.body(answer)
}

/// Corresponds to `cloakroom_request_header`.
@implementation @_cdecl("cloakroom_request_header")
public func cloakroom_request_header(
    _ request: OpaquePointer!, _ list: Int32, _ index: Int,
    _ header_out: UnsafeMutablePointer<cloakroom_header>!
) -> cloakroom_status {
    guard unsafe request != nil, let out = unsafe header_out else { return Status.misuse }
    let fields = unsafe Handle.look(request, RequestHandle.self) { unsafe $0.headerFields(list) }
    guard let fields = unsafe fields, index >= 0, index < fields.count else {
        return Status.notFound
    }
    unsafe out.pointee = fields[index]
    return Status.ok
}

/// Corresponds to `cloakroom_request_headers`.
@implementation @_cdecl("cloakroom_request_headers")
public func cloakroom_request_headers(
    _ request: OpaquePointer!, _ list: Int32,
    _ headers_out: UnsafeMutablePointer<UnsafePointer<cloakroom_header>?>!
) -> Int {
    let fields = unsafe Handle.look(request, RequestHandle.self) { unsafe $0.headerFields(list) }
    guard let fields = unsafe fields, let out = unsafe headers_out, fields.count > 0 else {
        return 0
    }
    unsafe out.pointee = fields.baseAddress
    return fields.count
}

/// Corresponds to `cloakroom_request_keeps_header`.
@implementation @_cdecl("cloakroom_request_keeps_header")
public func cloakroom_request_keeps_header(
    _ request: OpaquePointer!, _ name: cloakroom_str, _ value: cloakroom_str
) -> Int32 {
    guard unsafe request != nil else { return -1 }
    // Most header fields are told by the length of their names.
    guard unsafe name.len == 10, unsafe ByteString.orEmpty(name).lowercased == "set-cookie",
        let handle = unsafe Handle.borrow(request, RequestHandle.self),
        let guarded = handle.answer?.decision.guardedCookies,
        guarded.isSet(by: unsafe ByteString.orEmpty(value))
    else { return 1 }
    return 0
}

/// Corresponds to `cloakroom_request_claim`.
@implementation @_cdecl("cloakroom_request_claim")
public func cloakroom_request_claim(
    _ request: OpaquePointer!, _ name: cloakroom_str,
    _ value_out: UnsafeMutablePointer<cloakroom_str>!
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self),
        let out = unsafe value_out, let name = unsafe ByteString(name)
    else { return Status.misuse }
    guard let answer = handle.answer, let value = unsafe handle.notes.claim(name, answer)
    else { return Status.notFound }
    unsafe out.pointee = value
    return Status.ok
}

/// Corresponds to `cloakroom_request_reason`.
@implementation @_cdecl("cloakroom_request_reason")
public func cloakroom_request_reason(_ request: OpaquePointer!) -> cloakroom_str {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self),
        let answer = handle.answer
    else { return unsafe .absent }
    return unsafe handle.notes.reason(answer)
}

/// Corresponds to `cloakroom_request_explain`.
@implementation @_cdecl("cloakroom_request_explain")
public func cloakroom_request_explain(_ request: OpaquePointer!) -> cloakroom_str {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self) else {
        return unsafe .absent
    }
    let notes = handle.notes
    if let known = unsafe notes.explanation { return unsafe known }
    let answer = handle.answer
    let text =
        if let (engine, ticket) = handle.started {
            engine.driver.explain(ticket)
        } else if let answer, let engine = handle.prover {
            engine.driver.explain(proven: answer)
        } else {
            answer.map { Explanation.text(ofRecalled: $0.decision) } ?? ""
        }
    return unsafe notes.explanation(text, isFinal: answer != nil)
}

/// Corresponds to `cloakroom_request_session_state`.
@implementation @_cdecl("cloakroom_request_session_state")
public func cloakroom_request_session_state(_ request: OpaquePointer!) -> cloakroom_str {
    guard let handle = unsafe Handle.borrow(request, RequestHandle.self),
        let answer = handle.answer
    else { return unsafe .absent }
    return unsafe handle.notes.sessionState(answer)
}

/// Corresponds to `cloakroom_request_host_data`.
@implementation @_cdecl("cloakroom_request_host_data")
public func cloakroom_request_host_data(_ request: OpaquePointer!) -> UnsafeMutableRawPointer! {
    unsafe Handle.borrow(request, RequestHandle.self)?.hostData
}

/// Corresponds to `cloakroom_request_free`.
@implementation @_cdecl("cloakroom_request_free")
public func cloakroom_request_free(_ request: OpaquePointer!) {
    guard let handle = unsafe Handle.take(request, RequestHandle.self),
        let (engine, ticket) = handle.started
    else { return }
    engine.driver.cancel(ticket)
}
