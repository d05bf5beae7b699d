/// Why an engine can not run, or takes no request.
package enum RuntimeFailure: Error, Hashable, Sendable {
    /// The operating system gives no descriptor, thread or random bytes.
    case descriptor, thread, randomness
    /// As many requests are parked as may be.
    case tooManyRequests
    /// The engine has been stopped.
    case stopped
}
