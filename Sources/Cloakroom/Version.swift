public import CCloakroom

/// Corresponds to `cloakroom_version_number`.
@implementation @_cdecl("cloakroom_version_number")
public func cloakroom_version_number() -> UInt32 { 0x000100 }

/// The names never go away: they live in the library's read-only data.
private let statusNames: [(cloakroom_status, StaticString)] = [
    (cloakroom_status(CLOAKROOM_OK), "ok"),
    (cloakroom_status(CLOAKROOM_PENDING), "pending"),
    (cloakroom_status(CLOAKROOM_MISUSE), "misuse"),
    (cloakroom_status(CLOAKROOM_INVALID_CONFIG), "invalid_config"),
    (cloakroom_status(CLOAKROOM_NOT_FOUND), "not_found"),
    (cloakroom_status(CLOAKROOM_LIMIT), "limit"),
    (cloakroom_status(CLOAKROOM_SYSTEM), "system"),
]

/// Corresponds to `cloakroom_status_name`; "unknown" for a number that is none.
@implementation @_cdecl("cloakroom_status_name")
public func cloakroom_status_name(_ status: cloakroom_status) -> UnsafePointer<CChar>! {
    let name = statusNames.first { $0.0 == status }?.1 ?? "unknown"
    // SAFETY: a StaticString is NUL-terminated and lives for ever.
    return unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}
