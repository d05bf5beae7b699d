public import CCloakroom
import Configuration
import Encodings

/// `cloakroom_config`.
final class ConfigHandle {
    var draft = ConfigurationDraft()
}

/// Corresponds to `cloakroom_config_new`.
@implementation @_cdecl("cloakroom_config_new")
public func cloakroom_config_new(
    _ config_out: UnsafeMutablePointer<OpaquePointer?>!
) -> cloakroom_status {
    guard let out = unsafe config_out else { return Status.misuse }
    Fork.prepare()
    unsafe out.pointee = Handle.give(ConfigHandle())
    return Status.ok
}

/// Corresponds to `cloakroom_config_set`.
@implementation @_cdecl("cloakroom_config_set")
public func cloakroom_config_set(
    _ config: OpaquePointer!, _ section: cloakroom_str, _ name: cloakroom_str,
    _ value: cloakroom_str, _ error: UnsafeMutablePointer<cloakroom_error>!
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(config, ConfigHandle.self) else {
        return unsafe fail(Status.misuse, "config is NULL", error)
    }
    guard let name = unsafe ByteString(name), let value = unsafe ByteString(value) else {
        return unsafe fail(Status.misuse, "name or value is absent", error)
    }
    guard unsafe section.isPossible else {
        return unsafe fail(Status.misuse, "section has an impossible length", error)
    }
    do throws(ConfigurationError) {
        try handle.draft.set(section: unsafe ByteString(section), name: name, value: value)
        return Status.ok
    } catch let problem {
        return unsafe fail(Status.invalidConfig, problem.message, error)
    }
}

/// Corresponds to `cloakroom_config_validate`.
@implementation @_cdecl("cloakroom_config_validate")
public func cloakroom_config_validate(
    _ config: OpaquePointer!, _ section: cloakroom_str,
    _ error: UnsafeMutablePointer<cloakroom_error>!
) -> cloakroom_status {
    guard let handle = unsafe Handle.borrow(config, ConfigHandle.self) else {
        return unsafe fail(Status.misuse, "config is NULL", error)
    }
    guard unsafe section.isPossible else {
        return unsafe fail(Status.misuse, "section has an impossible length", error)
    }
    do throws(ConfigurationError) {
        try handle.draft.validate(section: unsafe ByteString(section))
        return Status.ok
    } catch let problem {
        return unsafe fail(Status.invalidConfig, problem.message, error)
    }
}

/// Corresponds to `cloakroom_config_free`.
@implementation @_cdecl("cloakroom_config_free")
public func cloakroom_config_free(_ config: OpaquePointer!) {
    _ = unsafe Handle.take(config, ConfigHandle.self)
}
