import Sessions

/// Store commands and their replies in words.
extension Names {
    func text(_ command: StoreCommand, beginning: Int64) -> String {
        switch command {
        case .create(let row, nil): "create \(text(row.key))"
        case .create(let row, let old?): "create \(text(row.key)) in place of \(text(old))"
        case .read(let key, _): "read \(text(key))"
        case .touch(let key, let expiry):
            "touch \(text(key)), idle until "
                + ClockText.text(milliseconds: (expiry - beginning) * 1_000)
        case .beginRefresh(let key, let generation, _, _, _, _):
            "begin refresh of \(text(key)), generation \(generation)"
        case .commitRefresh(let key, _, _, _): "commit refresh of \(text(key))"
        case .abandonRefresh(let key, _, let wasPresented):
            "abandon refresh of \(text(key)), token "
                + (wasPresented ? "may have been presented" : "was not presented")
        case .refuseRefresh(let key, _): "refuse refresh of \(text(key))"
        case .end(let key): "end \(text(key))"
        case .spend: "spend state"
        case .keep: "keep the provider's documents"
        case .readKept: "read the provider's documents"
        case .sweep: "sweep"
        }
    }

    func text(_ reply: StoreReply) -> String {
        switch reply {
        case .done: "done"
        case .gone: "gone"
        case .conflict: "conflict"
        case .row(let row, _): "generation \(row.generation)"
        case .granted(let lease, _, _): "granted, presentation \(lease.presentation)"
        case .newer(let row, _): "newer: generation \(row.generation)"
        case .leased: "leased to another worker"
        case .exhausted: "exhausted"
        case .ended: "ended"
        case .superseded: "superseded"
        case .spent: "spent before"
        case .kept(_, let age): "documents of \((age ?? 0) / 1_000) s ago"
        case .swept(let count): "\(count) swept"
        }
    }
}
