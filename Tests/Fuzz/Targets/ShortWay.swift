import BothWays
import Cryptography
import Encodings
import JOSE
import OAuth

/// The walk that builds nothing, against the parser that it saves.
extension FuzzTarget {
    static let bothWays = FuzzTarget(
        name: "both-ways", about: "header and claims of access tokens, walked over and parsed",
        longest: 18 << 10, words: claimWords + headerWords,
        seeds: {
            let head = "{\"alg\":\"RS256\",\"typ\":\"at+jwt\",\"kid\":\"key-1\"}\n"
            return claimSeeds(head)
                + inputs(
                    head + """
                        {"iss":"https://idp.example","aud":["account","api"],"sub":"u1","exp":\
                        1790000300,"iat":1789999990,"scope":"openid read","typ":"Bearer","r":\
                        {"roles":["a"],"a":{"b":[1,-2,true,null,{}]}},"name":"Jürgen","v":false}
                        """,
                    "{\"alg\":\"EdDSA\"}\n{\"iss\":\"https://idp.example\",\"aud\":\"api\","
                        + "\"exp\":1790000300,\"nonce\":1}")
        }
    ) { input in
        let head = Array(input.prefix { $0 != 0x0A })
        let body = Array(input.dropFirst(head.count + 1))
        let strict = AccessTokenRules(issuer: Signed.issuer, audiences: [Signed.audience, "api"])
        for rules in [BothWays.rules, strict] {
            let both = BothWays(header: head, claims: body, rules: rules)
            promise(both.agree, "walked over, it means the same: \(both)")
        }
    }

    static let cursor = FuzzTarget(
        name: "json-walk", about: "JSON objects, walked over and parsed", longest: 9 << 10,
        words: [
            "{\"", "\":", "[[", "]]", "\\u0061", "-1", "1e5", "999999999999999", "null", "true",
        ],
        seeds: {
            VectorRecords("jsontestsuite").sample(320, \.document)
                + VectorRecords("own").sample(80) { record in
                    record.token.flatMap { VectorRecords.parts($0).dropFirst().first }
                }
        }
    ) { input in
        let text = Base64URL.encode(input)
        let scratch = Scratch(capacity: 10 << 10)
        guard let count = Base64URL.decode(text.span, into: scratch, at: 3) else { return }
        promise(
            ByteString(copying: scratch.bytes.extracting(3..<(3 + count))).bytes == input,
            "both decoders say the same")
        var cursor = JSONCursor(scratch.bytes, from: 3, count: count)
        var names: [ByteString] = []
        while let name = cursor.nextName() {
            promise(
                name.range.lowerBound >= 3 && name.range.upperBound <= 3 + count,
                "a name lies within the document")
            names.append(ByteString(copying: scratch.bytes.extracting(name.range)))
            cursor.skipValue()
        }
        guard !cursor.isOdd else { return }
        guard let object = try? JSONObject.parse(input, limits: .token) else {
            return promise(false, "what is walked over can be parsed")
        }
        promise(object.members.map(\.name) == names, "it has the same members")
    }

    /// A whole token, with its signature.
    static func checkShortWay(_ text: ByteString, _ keys: KeySet) {
        let isSigned = VerifyingLane.borrow { lane -> Bool? in
            guard let token = PlainToken(text.span, on: lane) else { return nil }
            return token.key(in: keys.plain, on: lane).map {
                token.isSigned(by: $0, text: text.span, on: lane)
            } ?? false
        }
        guard let isSigned else { return }
        guard let jws = try? UnverifiedJWS(text) else {
            return promise(false, "what is walked over is a token")
        }
        let verified = try? jws.verify(with: keys, allowing: SignatureAlgorithm.supported)
        promise(isSigned == (verified != nil), "both ways find the same signatures good")
    }
}
