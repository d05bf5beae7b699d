package import Configuration
package import Encodings
package import HTTPMessages
package import Sessions

/// Asks for what was decided a moment ago about an equal request: the way that most requests take.
///
/// It finds only answers that a full look would give again: a forwarded request of a session whose
/// token is not due and whose row has not moved, or of a bearer token that is known to be good.
/// Whatever is unusual about a request is not looked for here, and takes the full look.
package struct Recall: Sendable {
    enum Key: Sendable {
        case session(RowKey, stamp: UInt64)
        case bearer(ByteString)
    }

    let guarded: Guarded
    let key: Key
    /// What stays of the `Cookie` field, where the answer edits it; nil: nothing.
    package let cookie: ByteString?
    package let editsCookie: Bool

    /// - Returns: nil where the request needs a full look.
    package init?(
        _ glance: RequestGlance, target: Span<UInt8>, _ guarded: Guarded, stamps: any StampBoard
    ) {
        guard !glance.isRepeated else { return nil }
        self.guarded = guarded
        if let rules = guarded.rules {
            guard glance.isPlain, guarded.policy.mode == .session,
                !target.starts(with: rules.prefix),
                let line = glance.cookie, let names = guarded.cookies,
                let (value, kept) = CookieHeader.split(line, names),
                let row = SessionTicket.rowKey(cookieValue: line.span.extracting(value))
            else { return nil }
            key = .session(row, stamp: stamps.stamp(of: row))
            cookie = kept
            editsCookie = true
        } else {
            // A cookie of ours would have to be taken out.
            guard let token = glance.authorization.flatMap({ BearerCredentials.candidate([$0]) }),
                glance.cookie == nil || !guarded.editsCookies, !target.mayHoldToken
            else { return nil }
            key = .bearer(token)
            cookie = nil
            editsCookie = false
        }
    }
}

extension Span<UInt8> {
    fileprivate func starts(with prefix: ByteString) -> Bool {
        count >= prefix.count && prefix.isEqual(to: extracting(..<prefix.count))
    }

    /// A query with `access_token` in it, or with something escaped.
    fileprivate var mayHoldToken: Bool {
        let word: StaticString = "access_token"
        var isQuery = false
        for index in indices {
            if !isQuery {
                isQuery = self[index] == 0x3F
            } else if self[index] == 0x25
                || self[index] == 0x61 && extracting(index...).begins(with: word)
            {
                return true
            }
        }
        return false
    }

    private func begins(with word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        return count >= length && extracting(..<length).isName(word)
    }
}

/// A session's answer under one policy, for as long as nothing has to be done about the session.
package struct RememberedAnswer: Sendable {
    var settled: Settled
    var stamp: UInt64
    /// Wall clock: the token is due, the session over, or its use to be told to the store.
    var goodUntil: Int64
    /// Monotonic, as in ``RememberedSession``.
    var staleFrom: Int64

    /// Names the policy by what it guards, and the session.
    struct Key: Hashable, Sendable {
        let guarded: Guarded
        let row: RowKey

        static func == (left: Self, right: Self) -> Bool {
            left.guarded === right.guarded && left.row == right.row
        }
        func hash(into hasher: inout Hasher) { row.hash(into: &hasher) }
    }
}

extension EngineCore {
    package mutating func recall(_ recall: Recall, _ now: Moment) -> Settled? {
        switch recall.key {
        case .session(let row, let stamp):
            let key = RememberedAnswer.Key(guarded: recall.guarded, row: row)
            guard let answer = tables.answers[key], answer.stamp == stamp, stamp & 1 == 0,
                now.wall < answer.goodUntil, now.monotonic < answer.staleFrom
            else { return nil }
            return answer.settled
        case .bearer(let token):
            let key = Tables.VerdictKey(guarded: recall.guarded, token: token)
            guard let verdict = tables.verdicts[key], verdict.keyEpoch == tables.keyEpoch,
                now.wall < verdict.goodUntil, now.monotonic < verdict.keysDead
            else { return nil }
            return verdict.settled
        }
    }
}
