public import CCloakroom
import Configuration
import Encodings
import Engine
import Observability
import Runtime

/// Corresponds to `cloakroom_engine_new`.
@implementation @_cdecl("cloakroom_engine_new")
public func cloakroom_engine_new(
    _ config: OpaquePointer!, _ log: cloakroom_log_fn!, _ log_data: UnsafeMutableRawPointer!,
    _ error: UnsafeMutablePointer<cloakroom_error>!,
    _ engine_out: UnsafeMutablePointer<OpaquePointer?>!
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(config, ConfigHandle.self),
        let out = unsafe engine_out
    else { return unsafe fail(Status.misuse, "config or engine_out is NULL", error) }
    let configuration: Configuration
    do throws(ConfigurationError) {
        configuration = try handle.draft.build()
    } catch let problem {
        return unsafe fail(Status.invalidConfig, problem.message, error)
    }
    do throws(RuntimeFailure) {
        let driver = try EngineDriver(configuration, wantsLog: unsafe log != nil)
        let engine = unsafe EngineHandle(driver, log, log_data)
        for warning in handle.draft.warnings { engine.deliver(LogLine(.warning, warning)) }
        unsafe out.pointee = Handle.give(engine)
        return Status.ok
    } catch let problem {
        return unsafe fail(Status.system, problem.sentence, error)
    }
}

extension RuntimeFailure {
    fileprivate var sentence: ByteString {
        switch self {
        case .descriptor: "the operating system gives no descriptor"
        case .thread: "the operating system gives no thread"
        case .randomness: "the operating system gives no random bytes"
        case .tooManyRequests: "too many requests are waiting"
        case .stopped: "the engine has been stopped"
        }
    }
}

/// Corresponds to `cloakroom_engine_fd`.
@implementation @_cdecl("cloakroom_engine_fd")
public func cloakroom_engine_fd(_ engine: OpaquePointer!) -> Int32 {
    unsafe Handle.borrow(engine, EngineHandle.self)?.driver.descriptor ?? -1
}

/// Corresponds to `cloakroom_engine_next`.
@implementation @_cdecl("cloakroom_engine_next")
public func cloakroom_engine_next(_ engine: OpaquePointer!) -> OpaquePointer! {
    guard let handle = unsafe Handle.borrow(engine, EngineHandle.self) else { return nil }
    let request = handle.driver.next()
    handle.deliverLog()
    // SAFETY: the pointer that `cloakroom_request_start` gave out; its owner has not freed it, or
    // the request would have been cancelled.
    return unsafe request.flatMap { unsafe OpaquePointer(bitPattern: $0.hostData) }
}

/// Corresponds to `cloakroom_engine_answers`.
@implementation @_cdecl("cloakroom_engine_answers")
public func cloakroom_engine_answers(
    _ engine: OpaquePointer!, _ policy: cloakroom_str, _ target: cloakroom_str
) -> Int32 {
    guard let handle = unsafe Handle.borrow(engine, EngineHandle.self) else { return -1 }
    let policy = unsafe policy.data == nil ? cloakroom_str.defaultPolicy : policy
    return unsafe policy.withSpan { policy in
        unsafe target.withSpan { handle.endpoints.answers(policy: policy, target: $0) }
    } ? 1 : 0
}

/// Corresponds to `cloakroom_engine_free`.
@implementation @_cdecl("cloakroom_engine_free")
public func cloakroom_engine_free(_ engine: OpaquePointer!) {
    guard let handle = unsafe Handle.take(engine, EngineHandle.self) else { return }
    handle.driver.stop()
    handle.deliverLog()
}
