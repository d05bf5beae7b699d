import Encodings
import HTTPMessages

/// One request of an engine to the provider, on its way there or back.
final class Exchange {
    enum Purpose {
        case metadata, keys
        case code(ByteString)
        case refresh(ByteString)
        case revocation(ByteString)
    }

    let number: Int
    let request: OutboundRequest
    let purpose: Purpose
    unowned let worker: Worker
    let life: Int
    /// The provider has it, or it is lost on the way.
    var hasArrived = false
    /// The engine knows how it ended, or has given up.
    var isOver = false
    var issued: Issued?

    init(_ number: Int, _ request: OutboundRequest, from worker: Worker) {
        self.number = number
        self.request = request
        self.worker = worker
        life = worker.life
        let form = Parameters(request.body)
        purpose =
            if request.url.hasSuffix("/keys") {
                .keys
            } else if request.url.hasSuffix("/revoke") {
                .revocation(form["token"] ?? "")
            } else if request.url.hasSuffix("/token") {
                form["code"].map(Purpose.code) ?? .refresh(form["refresh_token"] ?? "")
            } else {
                .metadata
            }
    }

    /// The engine that sent it is the one that still runs.
    var isAwaited: Bool { worker.isUp && worker.life == life }

    var summary: String {
        switch purpose {
        case .metadata: "metadata"
        case .keys: "keys"
        case .code(let code): "\(code)"
        case .refresh(let token): "refresh \(token)"
        case .revocation(let token): "revocation of \(token)"
        }
    }
}
