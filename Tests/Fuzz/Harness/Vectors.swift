import Encodings
import Foundation

/// Records of Tests/Vectors, as inputs to begin with.
struct VectorRecords: Sendable {
    struct Record: Sendable {
        let kind: String
        /// Not for certain to be refused.
        let isGood: Bool
        let token: [UInt8]?
        /// As JSON; private where the token is encrypted.
        let key, decryptionKey: [UInt8]?
        let keySet: [UInt8]?
        let document: [UInt8]?
    }

    let records: [Record]

    /// - Parameter files: without `.jsonl`.
    init(_ files: String...) {
        let tests = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        records = files.flatMap { file in
            let path = tests.appending(path: "Vectors/\(file).jsonl")
            guard let data = try? Data(contentsOf: path) else { fatalError("no \(path.path())") }
            return data.split(separator: 0x0A).compactMap(Self.record)
        }
    }

    private static func record(_ line: Data) -> Record? {
        guard let object = try? JSONSerialization.jsonObject(with: line),
            let members = object as? [String: Any], let kind = members["kind"] as? String
        else { return nil }
        func json(_ name: String) -> [UInt8]? {
            members[name].flatMap { try? JSONSerialization.data(withJSONObject: $0) }
                .map(Array.init)
        }
        return Record(
            kind: kind, isGood: members["expect"] as? String != "invalid",
            token: (members["token"] as? String).map { Array($0.utf8) }, key: json("jwk"),
            decryptionKey: json("decrypt_jwk"), keySet: json("jwks"),
            document: (members["json_b64"] as? String).flatMap { Data(base64Encoded: $0) }
                .map(Array.init))
    }

    /// Every so many of them: the fuzzer need not begin with all that resemble each other.
    func sample(_ most: Int, _ pick: (Record) -> [UInt8]?) -> [[UInt8]] {
        let all = records.compactMap(pick)
        let unique = all.reduce(into: (seen: Set<[UInt8]>(), kept: [[UInt8]]())) { found, input in
            if found.seen.insert(input).inserted { found.kept.append(input) }
        }.kept
        let step = max(1, (unique.count + most - 1) / most)
        return stride(from: 0, to: unique.count, by: step).map { unique[$0] }
    }

    /// Of a token, the part before each dot, decoded.
    static func parts(_ token: [UInt8]) -> [[UInt8]] {
        token.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map { Base64URL.decode(ByteString($0)) ?? [] }
    }
}
