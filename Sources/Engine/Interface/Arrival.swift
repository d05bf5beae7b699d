package import Configuration
import Encodings
package import HTTPMessages
package import Sessions

/// A request that has arrived: read, and sent on its way, as far as that needs no table.
package struct Arrival: Sendable {
    package let subject: Subject
    let flow: any RequestFlow

    /// - Parameter stamps: looked at for a session cookie, before anything else is.
    package init(_ head: RequestHead, _ configuration: Configuration, stamps: any StampBoard) {
        guard let guarded = configuration.guarded[head.policy] else {
            subject = .unconfigured(policy: head.policy)
            flow = DecidedFlow(Answer.problem(503, "Not configured", .policyUnknown))
            return
        }
        guard let rules = guarded.rules else {
            let request = BearerRequest(head, guarded)
            subject = .bearer(request)
            flow = BearerFlow(request)
            return
        }
        let endpoint = Endpoint(target: head.target, rules)
        if endpoint == nil, guarded.policy.mode == .endpoints {
            subject = .open(guarded)
            flow = DecidedFlow(Decision(.forward, .notGuarded))
            return
        }
        let request = BrowserRequest(head, guarded, rules, stamps: stamps)
        subject = .browser(request)
        flow = Self.flow(endpoint, request)
    }

    private static func flow(_ endpoint: Endpoint?, _ request: BrowserRequest) -> any RequestFlow {
        switch endpoint {
        case nil: SessionFlow(request)
        case .login: LoginFlow(request)
        case .callback: CallbackFlow(request)
        case .session: SessionInfoFlow(request)
        case .logout: LogoutFlow(request, csrf: request.ticket?.csrfValue)
        case .unknown:
            DecidedFlow(
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
