import CCurl
import CShims
import Encodings

/// One transfer of libcurl's.  Remembers whether an option could not be set, so that a transfer
/// never runs without one of its safeguards.
@safe
final class EasyHandle {
    private(set) var isUsable = true
    let pointer: UnsafeMutableRawPointer
    /// CURL_ERROR_SIZE bytes, as libcurl asks for.
    private let message: UnsafeMutablePointer<CChar>

    /// Corresponds to `curl_easy_init`.
    init?() {
        guard let pointer = unsafe curl_easy_init() else { return nil }
        unsafe self.pointer = pointer
        unsafe message = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        // SAFETY: the buffer is as long as documented and lives longer than the handle.
        note(unsafe cshims_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, message))
    }

    /// Corresponds to `curl_easy_cleanup`.
    deinit {
        unsafe curl_easy_cleanup(pointer)
        unsafe message.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) {
        note(unsafe cshims_curl_set_long(pointer, option, value))
    }
    func set(_ option: CURLoption, offset value: Int) {
        note(unsafe cshims_curl_set_offset(pointer, option, value))
    }
    /// - Parameter text: nil for NULL; copied.
    func set(_ option: CURLoption, _ text: ByteString?) {
        guard let text else { return note(unsafe cshims_curl_set_text(pointer, option, nil)) }
        guard !text.bytes.contains(0) else { return isUsable = false }
        // SAFETY: the text ends in a NUL, and libcurl copies it.
        note(
            unsafe cshims_curl_set_text(
                pointer, option, text.bytes.map(CChar.init(bitPattern:)) + [0]))
    }
    /// - Parameter value: must stay where it is for as long as the transfer runs.
    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) {
        note(unsafe cshims_curl_set_pointer(pointer, option, value))
    }

    func note(_ code: CURLcode) { if code != CURLE_OK { isUsable = false } }

    /// What libcurl says about a failure; no secret is in it.
    func explanation(of code: CURLcode) -> ByteString {
        // SAFETY: both texts end in a NUL; the second is static.
        let own = unsafe String(cString: message)
        if !own.isEmpty { return ByteString(own) }
        guard let text = unsafe curl_easy_strerror(code) else { return "" }
        return ByteString(unsafe String(cString: text))
    }

    var status: Int {
        var status = 0
        let code = unsafe cshims_curl_get_long(pointer, CURLINFO_RESPONSE_CODE, &status)
        return code == CURLE_OK ? status : 0
    }
}
