package import Configuration
import Encodings
package import HTTPMessages
package import Sessions

/// A request that has arrived: read, and sent on its way, as far as that needs no table.
package struct Arrival: Sendable {
    let flow: any RequestFlow

    /// - Parameter stamps: looked at for a session cookie, before anything else is.
    package init(_ head: RequestHead, _ configuration: Configuration, stamps: any StampBoard) {
        flow = Self.flow(head, configuration, stamps)
    }

    private static func flow(
        _ head: RequestHead, _ configuration: Configuration, _ stamps: any StampBoard
    ) -> any RequestFlow {
        guard let guarded = configuration.guarded[head.policy] else {
            return DecidedFlow(Answer.problem(503, "Not configured", .policyUnknown))
        }
        guard let rules = guarded.rules else { return BearerFlow(BearerRequest(head, guarded)) }
        let endpoint = Endpoint(target: head.target, rules)
        if endpoint == nil, guarded.policy.mode == .endpoints {
            return DecidedFlow(Decision(.forward, .notGuarded))
        }
        let request = BrowserRequest(head, guarded, rules, stamps: stamps)
        switch endpoint {
        case nil: return SessionFlow(request)
        case .login: return LoginFlow(request)
        case .callback: return CallbackFlow(request)
        case .session: return SessionInfoFlow(request)
        case .logout: return LogoutFlow(request, csrf: request.ticket?.0.csrfValue)
        case .unknown:
            return DecidedFlow(
                request.finished(Answer.problem(404, "Not found", .endpointUnknown), nil))
        }
    }
}

/// Nothing is left to find out.
struct DecidedFlow: RequestFlow {
    private let decision: Decision

    init(_ decision: Decision) { self.decision = decision }

    func step(_ input: MachineInput, _ scene: inout Scene) -> Decision? { decision }
    func patience(_ scene: Scene) -> Int64 { 0 }
}
