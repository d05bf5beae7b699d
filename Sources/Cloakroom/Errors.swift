import CCloakroom
import Encodings

/// Fills the caller's error, if it gave one, and returns the status.
func fail(
    _ code: Int32, _ message: ByteString, _ error: UnsafeMutablePointer<cloakroom_error>?
) -> cloakroom_status {
    guard let error = unsafe error else { return code }
    unsafe error.pointee.code = code
    unsafe withUnsafeMutableBytes(of: &error.pointee.message) { buffer in
        let text = message.bytes.prefix(buffer.count - 1)
        for index in 0..<buffer.count {
            // SAFETY: within the fixed array; what is left over becomes NUL.
            unsafe buffer[index] =
                index < text.count ? text[text.startIndex + index] : 0
        }
    }
    return code
}

enum Status {
    static let ok = cloakroom_status(CLOAKROOM_OK)
    static let pending = cloakroom_status(CLOAKROOM_PENDING)
    static let misuse = cloakroom_status(CLOAKROOM_MISUSE)
    static let invalidConfig = cloakroom_status(CLOAKROOM_INVALID_CONFIG)
    static let notFound = cloakroom_status(CLOAKROOM_NOT_FOUND)
    static let limit = cloakroom_status(CLOAKROOM_LIMIT)
    static let system = cloakroom_status(CLOAKROOM_SYSTEM)
}
