package import Configuration
package import Encodings
package import HTTPMessages
package import Observability
package import Sessions

/// Names an effect that asks; its answer is handed back under the same ticket, exactly once.
package struct EffectTicket: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// Names a request for as long as it is undecided.
package struct RequestID: Hashable, Sendable {
    package let number: UInt64
    package init(_ number: UInt64) { self.number = number }
}

/// What the engine asks of the world.
package enum Effect: Sendable {
    /// Answered by `.response` or `.noResponse`.
    case exchange(OutboundRequest)
    /// Answered by `.reply` or `.noReply`.
    case store(StoreCommand)
    /// Answered by `.fired`, at that monotonic time or a little later.
    case timer(at: Int64)
    /// Reads a file of the operator's, unless it is as it was at that mark.  Answered by `.file`.
    case file(path: ByteString, setting: ByteString, since: FileMark?)
    /// Work for the processor, cryptography above all: performed at once, on the thread that got
    /// the action and outside every lock, with ``Job/perform(_:)``.  Answered by `.result`.
    case job(Job)
}

/// What the world answers.
package enum Input: Sendable {
    case response(OutboundResponse)
    case noResponse(TransportFailure)
    case reply(StoreReply)
    case noReply(StoreFailure)
    case file(FileReading)
    case fired
    case result(JobResult)
}

/// What a driver does next, in order.
package enum Action: Sendable {
    case perform(EffectTicket, Effect)
    /// The request is decided; it gets no further input.
    case decided(RequestID, Decision)
    case log(LogLine)
}
