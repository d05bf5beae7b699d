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
    var profile: [String: Any] { members["profile"] as? [String: Any] ?? [:] }
    /// The single key, as JSON.
    var key: [UInt8]? { members["jwk"].flatMap(Self.json) }
    /// The key set, as JSON; a single key becomes a set of one.
    var keySet: [UInt8] {
        let set = members["jwks"] ?? ["keys": [members["jwk"]].compactMap { $0 }]
        return Self.json(set) ?? []
    }

    /// The private keys in these members, single or as a set.
    func privateKeys(_ names: String...) throws -> [DecryptionKey] {
        try names.compactMap { members[$0].flatMap(Self.json) }.flatMap { document in
            try DecryptionKeys.read(Secret(document), fileName: "")
        }
    }

    func text(_ name: String) -> ByteString? { (members[name] as? String).map { ByteString($0) } }

    func hexadecimal(_ name: String) -> [UInt8]? { text(name).flatMap(Hexadecimal.decode) }

    private static func json(_ value: Any) -> [UInt8]? {
        (try? JSONSerialization.data(withJSONObject: value)).map(Array.init)
    }
}
