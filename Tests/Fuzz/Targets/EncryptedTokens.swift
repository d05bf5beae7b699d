import Cryptography
import Encodings
import JOSE
import OAuth
import TokenForge

/// To whom tokens are encrypted: the vectors' keys, and one of ours.
private enum Opened {
    static let vectors = VectorRecords("own", "rfc7520-cookbook")
    static let sealed = vectors.records.filter { $0.token.map(isSealed) ?? false }

    /// Fixed, so that an input does tomorrow what it did today.
    static let keys: DecryptionKeys = {
        var keys = DecryptionKeys()
        for text in Set(sealed.flatMap { [$0.key, $0.decryptionKey] }.compactMap { $0 }) {
            guard let object = try? JSONObject.parse(text), let key = try? DecryptionKey(object)
            else { continue }
            keys.append(contentsOf: DecryptionKeys([key]))
        }
        return keys
    }()

    /// All that anyone has ever encrypted to these keys.  What is in some is bad.
    static let texts = Set(
        sealed.filter { $0.isGood || $0.kind == "jwt" }.compactMap(\.token))
    /// Those that may hold a token that somebody has signed.
    static let tokens = Set(sealed.filter(\.isGood).compactMap(\.token))

    /// What a mutation wants encrypted, we encrypt.
    static let forge = EncryptionForge(keyID: "e1", kind: .x25519)
    static let forgeKeys: DecryptionKeys? =
        (try? DecryptionKey(forge.privateJWK)).map { DecryptionKeys([$0]) }

    static func rules(_ keys: DecryptionKeys) -> AccessTokenRules {
        AccessTokenRules(
            issuer: Signed.issuer, audiences: [Signed.audience], profile: .loose,
            decryptionKeys: keys)
    }

    private static func isSealed(_ token: [UInt8]) -> Bool {
        NestedToken.mayBe(ByteString(token))
    }
}

/// Members for the header and a content, that we encrypt for whoever asks: so a mutation comes
/// past the tag.
private struct SealedInput {
    let token: ByteString
    let content: [UInt8]
    /// By header and form it holds a signed token; whether that is any good is another matter.
    let isGood: Bool

    /// - Parameter input: a line with an object of header members; the rest is the content.
    init(_ input: [UInt8]) {
        let head = Array(input.prefix { $0 != 0x0A })
        content = Array(input.dropFirst(head.count + 1))
        let members = (try? JSONObject.parse(head, limits: .header))?.members ?? []
        let changes = EncryptionForge.Changes(header: members.map { ($0.name, $0.value) })
        token = Opened.forge.encrypt(ByteString(content), changes: changes)
        let text = VectorRecords.parts(token.bytes).first ?? []
        let header = Jansson(text)
        let refused = ["crit", "b64", "zip", "p2c", "p2s"]
        let type = header.member("cty").text?.lowercased
        isGood =
            header.member("alg").text == "ECDH-ES" && header.member("enc").text == "A256GCM"
            && header.member("kid").text == "e1" && header.member("typ").isAbsentOrText
            && refused.allSatisfy { header.member($0) == .absent }
            && ["apu", "apv"].allSatisfy { [.absent, .text([])].contains(header.member($0)) }
            && !members.contains { $0.name == "epk" }
            && (type == "jwt" || type == "application/jwt")
            && content.count { $0 == 0x2E } == 2 && Self.agrees(header, content)
            && (try? JSONObject.parse(text, limits: .header)) != nil
            && text.count <= 4 << 10 && token.count <= 16 << 10
    }

    private static func agrees(_ header: Jansson, _ content: [UInt8]) -> Bool {
        let repeated = ["iss", "sub", "aud"].filter { header.member($0) != .absent }
        guard !repeated.isEmpty else { return true }
        guard let token = try? UnverifiedJWS(ByteString(content)),
            (try? ClaimsSet.parse(token.unverifiedPayload)) != nil
        else { return false }
        let claims = Jansson(token.unverifiedPayload)
        return repeated.allSatisfy { claims.member($0) == header.member($0) }
    }
}

extension FuzzTarget {
    static let encryptedToken = FuzzTarget(
        name: "encrypted-token", about: "whole encrypted tokens under fixed keys of every kind",
        longest: 18 << 10, words: encryptionWords,
        seeds: {
            Opened.sealed.compactMap(\.token)
                + VectorRecords("wycheproof", "rfc-appendix").sample(60) { record in
                    record.kind == "jwe" ? record.token : nil
                }
        }
    ) { input in
        let text = ByteString(input)
        guard let signers = Signed.keys, !Opened.keys.isEmpty, !Opened.tokens.isEmpty else {
            return promise(false, "there are keys and tokens")
        }
        let rules = Opened.rules(Opened.keys)
        let direct = try? rules.check(text, keys: signers, now: Signed.now)
        promise(direct == nil || !NestedToken.mayBe(text), "nothing counts that nobody has opened")
        guard let token = try? UnopenedJWE(text) else { return }
        let parts = VectorRecords.parts(input)
        promise(parts.count == 5, "it has five parts")
        promise(
            parts.map { Base64URL.encode($0) }.reduce("") { $0 + "." + $1 } == "." + text,
            "written in the one way that there is")
        let header = Jansson(parts.first ?? [])
        promise(header.member("alg").text == token.header.algorithm.name, "alg is the named one")
        promise(header.member("enc").text == token.header.encryption.name, "so is enc")
        promise(header.member("kid").text == token.header.keyID, "and the key")
        for name in ["crit", "b64", "zip", "p2c", "p2s"] {
            promise(header.member(name) == .absent, "\(name) is not overlooked")
        }
        let opened = try? token.open(with: Opened.keys, SystemRandom())
        promise(
            opened == nil || Opened.texts.contains(input), "nothing opens that nobody encrypted")
        guard let nested = try? NestedToken(opening: text, with: Opened.keys, SystemRandom())
        else { return }
        promise(opened?.content == nested.text.bytes, "what is inside is what was opened")
        let good = try? rules.check(
            nested.text, openedWith: nested.key, keys: signers, now: Signed.now)
        promise(
            good == nil || Opened.tokens.contains(input), "or counts that nobody has signed")
    }

    static let nestedToken = FuzzTarget(
        name: "nested-token", about: "header members and a content, which are encrypted",
        longest: 18 << 10, words: encryptionWords + headerWords,
        seeds: {
            let heads = [
                "{}", #"{"iss":"https://idp.example"}"#, #"{"sub":"alice","aud":"x"}"#,
                #"{"cty":"application/JWT","typ":"at+jwt"}"#, #"{"zip":"DEF"}"#, #"{"apu":""}"#,
            ]
            return Signed.tokens.flatMap { token in
                heads.map { Array(($0 + "\n").utf8) + token.bytes }
            } + inputs("{}\n{\"iss\":\"https://idp.example\"}", "{}\n..", "{\"cty\":null}\na.b.c")
        }
    ) { input in
        guard let ours = Opened.forgeKeys, let keys = Signed.keys else {
            return promise(false, "there are keys")
        }
        let sealed = SealedInput(input)
        let nested = try? NestedToken(opening: sealed.token, with: ours, SystemRandom())
        promise(
            (nested != nil) == sealed.isGood,
            "it opens by the rules: " + (nested == nil ? "refused" : "accepted"))
        guard let nested else { return }
        promise(nested.text.bytes == sealed.content, "what is inside is what was encrypted")
        let rules = Opened.rules(ours)
        let good = try? rules.check(
            nested.text, openedWith: nested.key, keys: keys, now: Signed.now)
        promise(
            good == nil || Signed.texts.contains(Signed.signedPart(sealed.content)),
            "no token counts that nobody has signed")
        let alone = try? rules.check(nested.text, keys: keys, now: Signed.now)
        promise(good == alone, "it is checked as if it had come alone")
    }

    static let decryptionKeyFile = FuzzTarget(
        name: "decryption-keys", about: "an operator's file of private keys: JWK, set or PEM",
        longest: 32 << 10,
        words: memberNames + ["-----BEGIN PRIVATE KEY-----\n", "\n-----END PRIVATE KEY-----\n"],
        seeds: {
            let keys = Opened.sealed.flatMap { [$0.key, $0.decryptionKey] }.compactMap { $0 }
            return Set(keys).sorted { $0.lexicographicallyPrecedes($1) }.flatMap { key in
                [key, Array("{\"keys\":[".utf8) + key + Array("]}".utf8)]
            } + inputs(
                """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq
                -----END PRIVATE KEY-----

                """)
        }
    ) { input in
        let contents = Secret(ByteString(input))
        guard let keys = try? DecryptionKeys.read(contents, fileName: "file") else { return }
        promise(!keys.isEmpty, "there are some")
        promise((try? DecryptionKeys.read(contents, fileName: "file")) == keys, "always the same")
        let file = Jansson(input)
        guard file.isObject, file.member("keys") == .absent, let key = keys.first else { return }
        promise(["EC", "OKP", "RSA"].contains(file.member("kty").text), "none is symmetric")
        promise([.absent, .text(Array("enc".utf8))].contains(file.member("use")), "none signs")
        let name = file.member("kid").text ?? "file"
        promise(key.keyID == name, "it has its own name, or the file's")
    }
}

private let encryptionWords = [
    "\"alg\":", "\"RSA-OAEP\"", "\"RSA-OAEP-256\"", "\"ECDH-ES\"", "\"ECDH-ES+A128KW\"",
    "\"RSA1_5\"", "\"dir\"", "\"enc\":", "\"A256GCM\"", "\"A128CBC-HS256\"", "\"cty\":\"JWT\"",
    "\"zip\":\"DEF\"", "\"p2c\":", "\"epk\":{", "\"apu\":\"", "\"kid\":\"e1\"",
    "\"iss\":\"https://idp.example\"", "\"aud\":", "\"sub\":\"alice\"",
]
