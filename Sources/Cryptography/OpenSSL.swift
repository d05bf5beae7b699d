import COpenSSL

/// What every call of OpenSSL in this layer has in common.
enum OpenSSL {
    /// Runs one operation and leaves the thread's error queue empty.
    ///
    /// A stale entry there would make the host's own TLS connections fail (nginx reads the same
    /// queue after `SSL_read`).
    static func operation<Result>(_ body: () -> Result) -> Result {
        // To look costs a fraction of clearing, and there is seldom anything.
        defer { if ERR_peek_error() != 0 { ERR_clear_error() } }
        return body()
    }

    /// Only 1 is success: 0 and every negative value mean failure, a signature that "fails
    /// strangely" (-1) included.
    static func succeeded(_ returned: Int32) -> Bool { returned == 1 }
}
