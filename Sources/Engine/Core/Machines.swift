package import Configuration
package import Encodings
package import HTTPMessages
import OAuth
package import Sessions

// Theory of operation.
//
// There are two kinds of machines, and both are plain values without I/O, clock or randomness.
// A *request flow* is one request's way to a decision; it lives on the host's calls and may be
// given up at any moment.  A *flight* is something that several requests may wait for, and whose
// end matters even when nobody waits any more: a refresh, a code exchange, a logout.  It runs on
// the library's own threads.  Whatever changes the store or speaks to the provider is a flight.
//
// Invariant: each effect that asks is answered by exactly one input; a decided request and a
// landed flight get none.

/// What a machine may be told.  Which of them are legal is said at each machine's states.
package enum MachineInput: Sendable {
    /// Always the first.
    case begin
    case response(OutboundResponse)
    case noResponse(TransportFailure)
    case reply(StoreReply)
    case noReply(StoreFailure)
    case file(FileReading)
    case fired
    case result(JobResult)
    /// A flight that this machine had joined is over.
    case landed(Landing)
    /// Requests only: it has waited as long as it may.  It decides now.
    case outOfPatience

    init(_ input: Input) {
        self =
            switch input {
            case .response(let response): .response(response)
            case .noResponse(let failure): .noResponse(failure)
            case .reply(let reply): .reply(reply)
            case .noReply(let failure): .noReply(failure)
            case .file(let reading): .file(reading)
            case .fired: .fired
            case .result(let result): .result(result)
            }
    }
}

/// One request's way to a decision.
package protocol RequestFlow: Sendable {
    /// - Returns: the decision, after which there is no further step; nil while it waits.
    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Decision?
    /// The longest it may wait, in milliseconds.
    func patience(_ scene: Scene) -> Int64
}

/// Something that outlives the request that began it.
package protocol Flight: Sendable {
    /// - Returns: how it ended, after which there is no further step; nil while it is under way.
    mutating func step(_ input: MachineInput, _ scene: inout Scene) -> Landing?
    /// True while a token answer is asked for and not yet stored: an engine that stops waits.
    var awaitsTokenAnswer: Bool { get }
}

extension Flight {
    package var awaitsTokenAnswer: Bool { false }
}

/// Flights of equal key are one flight.
package enum FlightKey: Hashable, Sendable {
    case provider(ByteString)
    case keyWatch(ByteString)
    case keeping(ByteString)
    /// Nobody joins a reading that began under an older stamp: it may have read a row that has
    /// been logged out or renewed since.
    case load(RowKey, stamp: UInt64)
    case refresh(RowKey)
    case touch(RowKey)
    case login(RowKey)
    case logout(RowKey)
    case revocation(UInt64)
    case sweep
}

/// How a flight ended.
package enum Landing: Sendable {
    case done
    /// The tables hold what it brought, or say why there is nothing: look again.  Where the
    /// provider was not asked, the store had something: an unknown key is worth a fetch still.
    case provider(wasAsked: Bool)
    case load(LoadResult)
    case refresh(RefreshResult)
    case login(LoginResult)
    case logout(LogoutResult)
}

extension Landing {
    /// Whether nobody knows more about the provider's keys than is known now.
    var hasFetched: Bool {
        if case .provider(wasAsked: false) = self { false } else { true }
    }
}
