import Encodings
import Foundation
import JOSE

/// One line of a file of test vectors; see the README beside them.
///
/// Read with Foundation: a record may hold what our own parser refuses, such as a NUL in a token.
struct VectorRecord {
    enum Verdict {
        case accept, refuse, either
    }

    let id: String
    let kind: String
    let verdict: Verdict
    private let members: [String: Any]

    /// - Returns: nil where the line is no record.
    init?(line: String) {
        guard let json = try? JSONSerialization.jsonObject(with: Data(line.utf8)),
            let members = json as? [String: Any], let id = members["id"] as? String,
            let kind = members["kind"] as? String, let expect = members["expect"] as? String
        else { return nil }
        switch (members["policy"] as? String, expect) {
        case ("refused", _), (nil, "invalid"): verdict = .refuse
        case (nil, "valid"): verdict = .accept
        case (nil, "acceptable"): verdict = .either
        default: return nil
        }
        self.id = id
        self.kind = kind
        self.members = members
    }

    var token: ByteString? { text("token") }
    var needsDecryption: Bool { members["decrypt_jwk"] != nil }
    var profile: [String: Any] { members["profile"] as? [String: Any] ?? [:] }
    /// The single key, as JSON.
    var key: [UInt8]? { members["jwk"].flatMap(Self.json) }
    /// The key set, as JSON; a single key becomes a set of one.
    var keySet: [UInt8] {
        let set = members["jwks"] ?? ["keys": [members["jwk"]].compactMap { $0 }]
        return Self.json(set) ?? []
    }

    func text(_ name: String) -> ByteString? { (members[name] as? String).map { ByteString($0) } }

    func hexadecimal(_ name: String) -> [UInt8]? { text(name).flatMap(Hexadecimal.decode) }

    /// Why this version does not run the record, or nil where it does.
    var exclusion: String? {
        if kind == "jwe" { return "encrypted tokens are not in this version" }
        // What must be refused is run all the same: it reaches us like any other token.
        guard verdict != .refuse else { return nil }
        if needsDecryption { return "encrypted tokens are not in this version" }
        if token == nil, !curves.isDisjoint(with: ["X25519", "X448"]) {
            return "keys for encryption are not in this version"
        }
        return nil
    }

    /// The curves of the keys that the record is about.
    private var curves: Set<String> {
        if let key = members["jwk"] as? [String: Any] {
            return Set([key["crv"] as? String].compactMap { $0 })
        }
        let header = token?.words(separatedBy: 0x2E).first.flatMap(Base64URL.decode) ?? []
        let object = try? JSONSerialization.jsonObject(with: Data(header)) as? [String: Any]
        let keys = (members["jwks"] as? [String: Any])?["keys"] as? [[String: Any]] ?? []
        let named = keys.filter { $0["kid"] as? String == object?["kid"] as? String }
        return Set(named.compactMap { $0["crv"] as? String })
    }

    private static func json(_ value: Any) -> [UInt8]? {
        (try? JSONSerialization.data(withJSONObject: value)).map(Array.init)
    }
}
