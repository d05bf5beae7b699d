import Encodings
import JOSE
import Testing
import TokenForge

private let forge = TokenForge()

/// Each limit on a token and on a key set, at its last value and one beyond.
@Suite("Limits of tokens and key sets")
struct LimitTests {
    private static func text(_ count: Int) -> ByteString {
        ByteString([UInt8](repeating: 0x61, count: count))
    }

    /// A token of exactly so many bytes.
    private static func token(of count: Int) throws -> ByteString {
        // Three bytes more of a payload are four characters more, so the header is varied, too.
        for pad in 0..<8 {
            let header: JSONObject = ["alg": "Ed25519", "kid": "k1", "pad": .string(text(pad))]
            let bare = forge.token(header: header, payload: "").count
            for rest in 0..<4 {
                let payload = text((count - bare) / 4 * 3 + rest - 2)
                let token = forge.token(header: header, payload: payload)
                if token.count == count { return token }
            }
        }
        throw JOSEError.tooLarge
    }

    @Test("LIM-01 FMT-09 A token of 16,384 bytes is read, one of 16,385 is not")
    func token() throws {
        let keys = try KeySet.parse(forge.jwks)
        let largest = try UnverifiedJWS(try Self.token(of: 16_384))
        _ = try largest.verify(with: keys, allowing: SignatureAlgorithm.supported)
        let beyond = try Self.token(of: 16_385)
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(beyond) }
    }

    @Test("LIM-01 FMT-09 A token of a megabyte is refused for its size alone", arguments: [
        "a", ".", "=", "\0", "{", "a.",
    ])
    func megabyte(text: String) {
        let token = ByteString(String(repeating: text, count: (1 << 20) / text.utf8.count))
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(token) }
    }

    @Test("LIM-02 FMT-09 A header of 4,096 bytes is read, one of 4,097 is not")
    func header() throws {
        func token(_ count: Int) -> ByteString {
            let bare = JSONObject(["alg": "Ed25519", "pad": ""]).serialized.count
            let header: JSONObject = ["alg": "Ed25519", "pad": .string(Self.text(count - bare))]
            #expect(header.serialized.count == count)
            return forge.token(header: header, payload: "{}")
        }
        _ = try UnverifiedJWS(token(4_096))
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(token(4_097)) }
        // As its first part alone tells, nothing is decoded.
        #expect(throws: JOSEError.tooLarge) { try UnverifiedJWS(Self.text(16_000) + ".e30.AAAA") }
    }

    @Test("LIM-13 HDR-07 A kid of 512 bytes names a key, one of 513 none")
    func keyID() throws {
        for (count, isRead) in [(512, true), (513, false)] {
            let long = TokenForge(keyID: Self.text(count))
            let header: JSONObject = ["alg": "Ed25519", "kid": .string(long.keyID)]
            let token = long.token(header: header, payload: "{}")
            #expect(((try? UnverifiedJWS(token)) != nil) == isRead)
        }
        let long = TokenForge(keyID: Self.text(512))
        let header: JSONObject = ["alg": "Ed25519", "kid": .string(long.keyID)]
        _ = try UnverifiedJWS(long.token(header: header, payload: "{}"))
            .verify(with: try KeySet.parse(long.jwks), allowing: SignatureAlgorithm.supported)
    }

    @Test("LIM-03 LIM-04 LIM-05 LIM-06 Claims within their limits are read, beyond them are not")
    func claims() throws {
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth - 1)
                + String(repeating: "]", count: depth - 1) + "}"
        }
        func members(_ count: Int) -> String {
            "{" + (0..<count).map { "\"c\($0)\":1" }.joined(separator: ",") + "}"
        }
        func string(_ count: Int) -> String { #"{"a":""# + Self.text(count).string + #""}"# }
        func audiences(_ count: Int) -> String {
            #"{"aud":["# + Array(repeating: "\"a\"", count: count).joined(separator: ",") + "]}"
        }
        for (last, beyond) in [
            (nested(32), nested(33)), (members(1_000), members(1_001)),
            (string(8_192), string(8_193)), (audiences(1_000), audiences(1_001)),
        ] {
            _ = try ClaimsSet.parse(Array(last.utf8))
            #expect(throws: JOSEError.tooLarge) { try ClaimsSet.parse(Array(beyond.utf8)) }
        }
        #expect(try ClaimsSet.parse(Array(audiences(1_000).utf8)).audiences?.count == 1_000)
    }

    @Test("LIM-07 A key set of 512 KiB is read, one byte more is not")
    func keySet() throws {
        func document(_ count: Int) -> [UInt8] {
            forge.jwks + [UInt8](repeating: 0x20, count: count - forge.jwks.count)
        }
        #expect(try KeySet.parse(document(524_288)).keys.count == 1)
        #expect(throws: JOSEError.malformedKeySet) { try KeySet.parse(document(524_289)) }
    }

    @Test("JSN-11 Fifty thousand names, colliding or not, are refused by their number")
    func manyNames() {
        let names = (0..<50_000).map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(throws: JSONError.limitExceeded) {
            try JSONObject.parse(Array("{\(names)}".utf8), limits: JSONLimits(bytes: 1 << 20))
        }
    }
}
