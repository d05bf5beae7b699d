import Encodings
import Engine
import HTTPMessages
import Sessions

// One line of a trace for what goes to and fro; no secrets to keep here, but much to leave out.

extension RowKey {
    var summary: String { String(words.0 >> 48, radix: 16) }
}

extension StoreCommand {
    var summary: String {
        switch self {
        case .create(let row, let replaced):
            "create \(row.key.summary)" + (replaced.map { " instead of \($0.summary)" } ?? "")
        case .read(let key, _): "read \(key.summary)"
        case .touch(let key, let expiry): "touch \(key.summary) until \(expiry)"
        case .beginRefresh(let key, let generation, _, _, _, _):
            "lease \(key.summary) of generation \(generation)"
        case .commitRefresh(let key, let epoch, _, _): "commit \(key.summary) in epoch \(epoch)"
        case .abandonRefresh(let key, let epoch, let wasPresented):
            "abandon \(key.summary) in epoch \(epoch)\(wasPresented ? ", presented" : "")"
        case .refuseRefresh(let key, let epoch): "refused: end \(key.summary) in epoch \(epoch)"
        case .end(let key): "end \(key.summary)"
        case .spend: "spend a state"
        case .sweep: "sweep"
        case .keep: "keep the provider's documents"
        case .readKept: "read the provider's documents"
        }
    }
}

extension StoreReply {
    var summary: String {
        switch self {
        case .done: "done"
        case .gone: "gone"
        case .conflict: "conflict"
        case .row(let row, let stamp): "generation \(row.generation), stamp \(stamp)"
        case .granted(let lease, _, _):
            "granted, epoch \(lease.epoch), presentation \(lease.presentation)"
        case .newer(let row, _): "newer: generation \(row.generation)"
        case .leased(let remaining): "leased for \(remaining) ms"
        case .exhausted: "exhausted"
        case .ended: "ended"
        case .superseded: "superseded"
        case .spent: "spent"
        case .swept(let count): "\(count) swept"
        case .kept(_, let age): "documents of \(age ?? -1) ms ago"
        }
    }
}

extension Input {
    var summary: String {
        switch self {
        case .response(let response): "status \(response.status)"
        case .noResponse(let failure):
            "\(failure.kind)\(failure.mayHaveBeenSent ? ", perhaps sent" : ", not sent")"
        default: "other"
        }
    }
}

extension Decision {
    var summary: String {
        switch outcome {
        case .forward: "forward (\(reason)) with \(bearer ?? "no token")"
        case .respond(let status, _): "\(status) (\(reason))"
        }
    }

    /// The access token that goes to the upstream.
    var bearer: ByteString? {
        upstreamEdits.last { $0.name == "Authorization" }?.value?.dropping(prefix: "Bearer ")
    }
}
