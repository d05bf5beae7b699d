package import Configuration
import Encodings
import HTTPMessages
import Observability

/// What a machine sees while it takes a step, and what it can wish for.
///
/// Machines are values: they hold their own state, read the clock and the tables here, and leave
/// wishes.  The core turns wishes into actions when the step is over.
package struct Scene: Sendable {
    package let configuration: Configuration
    /// Names this engine in leases.
    package let owner: UInt64
    package internal(set) var now = Moment(wall: 0, monotonic: 0)
    package internal(set) var tables: Tables
    /// After a stop nothing new is begun.
    package internal(set) var isStopping = false

    var wishes: [Wish] = []

    enum Wish: Sendable {
        case ask(Effect)
        case join(FlightKey)
        case launch(FlightKey, any Flight)
        case log(LogLine)
    }

    init(_ configuration: Configuration, owner: UInt64) {
        self.configuration = configuration
        self.owner = owner
        tables = Tables(configuration)
    }

    /// Asks for an effect; its answer is this machine's next input.
    mutating func ask(_ effect: Effect) { wishes.append(.ask(effect)) }

    /// Waits for a flight, which is launched unless it is under way; its landing is an input.
    mutating func join(_ key: FlightKey, _ flight: some Flight) {
        wishes.append(.launch(key, flight))
        wishes.append(.join(key))
    }

    /// Launches a flight unless it is under way; nobody waits for it.
    mutating func launch(_ key: FlightKey, _ flight: some Flight) {
        wishes.append(.launch(key, flight))
    }

    mutating func log(_ level: LogLevel, _ text: ByteString) {
        wishes.append(.log(LogLine(level, text)))
    }
}
