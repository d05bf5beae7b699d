package import Configuration
import Encodings
package import HTTPMessages
package import Sessions

/// Asks for what was decided a moment ago about an equal request: the way that most requests take.
///
/// It finds only answers that a full look would give again: a forwarded request of a session whose
/// token is not due and whose row has not moved, or of a bearer token that is known to be good.
/// Whatever is unusual about a request is not looked for here, and takes the full look.
///
/// Nothing is copied or hashed whole: the header field is read where it lies.
package struct Recall: Sendable {
    /// Where in the field the token or the session cookie's value lies.
    package let credential: Range<Int>
    /// Of an answer that edits the `Cookie` field: what stays of it.
    package let cookie: CookieSplitter.Remainder?

    /// The header field by which an equal request is known again, counted from 0.
    /// - Returns: nil where the request needs a full look.
    package static func field(of glance: RequestGlance, under guarded: Guarded) -> Int? {
        guard !glance.isRepeated else { return nil }
        guard guarded.isBearer else {
            return glance.isPlain && guarded.splitter != nil ? glance.cookie : nil
        }
        // A cookie of ours would have to be taken out.
        guard glance.cookie == nil || !guarded.editsCookies else { return nil }
        return glance.authorization
    }

    /// - Parameter field: the value of the field that ``field(of:under:)`` names.
    /// - Returns: nil where the request needs a full look.
    package init?(_ field: Span<UInt8>, target: Span<UInt8>, _ guarded: Guarded) {
        if guarded.isBearer {
            guard let token = BearerCredentials.candidate(field), !target.mayHoldToken
            else { return nil }
            credential = token
            cookie = nil
        } else {
            guard !target.starts(with: guarded.prefix),
                let remainder = guarded.splitter?.split(field)
            else { return nil }
            credential = remainder.value
            cookie = remainder
        }
    }
}

extension EngineCore {
    /// - Parameters:
    ///   - field: the value that `recall` was made of.
    ///   - stamps: asked for the session's stamp as it is now.
    package mutating func recall(
        _ recall: Recall, in field: Span<UInt8>, _ guarded: Guarded, _ now: Moment,
        stamps: some StampBoard
    ) -> Settled? {
        let credential = field.extracting(recall.credential)
        if guarded.isBearer {
            guard let known = tables.tokens.find(credential, guarded),
                known.keyEpoch == tables.keyEpoch,
                now.wall < known.goodUntil, now.monotonic < known.keysDead
            else { return nil }
            return known.settled
        }
        guard let known = tables.answers.find(credential, guarded) else { return nil }
        let stamp = stamps.stamp(of: known.row)
        guard known.stamp == stamp, stamp & 1 == 0,
            now.wall < known.goodUntil, now.monotonic < known.staleFrom
        else { return nil }
        return known.settled
    }
}

extension Span<UInt8> {
    fileprivate func starts(with prefix: ByteString) -> Bool {
        count >= prefix.count && prefix.isEqual(to: extracting(..<prefix.count))
    }

    /// A query with `access_token` in it, or with something escaped.
    fileprivate var mayHoldToken: Bool {
        guard let query = position(of: 0x3F, from: 0) else { return false }
        let word: StaticString = "access_token"
        for index in query..<count {
            if self[index] == 0x25
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
