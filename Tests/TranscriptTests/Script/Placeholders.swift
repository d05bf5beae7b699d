import Encodings
import Foundation
import TokenForge

/// What stands in braces: a name that was given to a value, or something that is made on the spot.
///
///     {state}                             a value that came before
///     {access token: aud=other exp=+60}   a JWT for the API, with these claims changed
///     {id token: nonce=none}              an ID token of the latest login, likewise
///     {keys: k1 k2}   {key: k1 kid=none}  a key set; one key of it
///     {metadata: token_endpoint=none}     the provider's discovery document
///     {encrypted: TOKEN to=e2 cty=none}   encrypted to a key of ours, the header changed so
///     {key file}      {client secret file}      {decryption key file: e1}
///
/// A claim `header.typ=JWT` belongs to the header; `none` leaves a member out; `+00:05:00` is a
/// time of the test; `key=k2` signs with another key; `signature=bad`; `padding=20000`.
struct Placeholders {
    var names: Names
    /// Seconds since 1970 at the beginning of the test.
    let beginning: Int64

    enum Problem: Error {
        case unknown(String)
        case open(String)
    }

    /// A brace that is followed by a letter begins a placeholder; JSON never has that.
    mutating func expand(_ text: String) throws -> String {
        var output = ""
        var rest = text[...]
        while let brace = rest.firstIndex(of: "{") {
            output += rest[..<brace]
            let inside = rest[rest.index(after: brace)...]
            guard inside.first?.isLetter == true else {
                output.append("{")
                rest = inside
                continue
            }
            guard let end = Self.end(of: inside) else { throw Problem.open(String(inside)) }
            output += try value(try expand(String(inside[..<end])))
            rest = inside[inside.index(after: end)...]
        }
        return output + rest
    }

    private static func end(of text: Substring) -> String.Index? {
        var depth = 0
        for index in text.indices {
            if text[index] == "{" { depth += 1 }
            if text[index] == "}" {
                if depth == 0 { return index }
                depth -= 1
            }
        }
        return nil
    }

    private mutating func value(_ text: String) throws -> String {
        if let known = names.value(of: text), !text.hasSuffix(" token") { return known }
        let colon = text.firstIndex(of: ":")
        let kind = String(text[..<(colon ?? text.endIndex)])
        let words = Words.split(colon.map { text[text.index(after: $0)...] } ?? "")
        switch kind {
        case "access token": return try bound(kind, accessToken(words))
        case "id token": return try bound(kind, idToken(words))
        case "keys": return object(["keys": .array(try words.map { .object(try key([$0])) })])
        case "key": return object(try key(words))
        case "encrypted": return try bound(kind, encrypted(words))
        case "decryption key file": return Files.decryptionKey(try Self.ours(words.first ?? ""))
        case "metadata": return object(try metadata(words))
        case "key file": return Files.keys
        case "client secret file": return Files.clientSecret
        default: throw Problem.unknown(text)
        }
    }

    private func object(_ object: JSONObject) -> String { object.serialized.string }

    private mutating func bound(_ kind: String, _ token: ByteString) -> String {
        names.bind(kind, token)
        return token.string
    }

    // MARK: Tokens

    private func accessToken(_ words: [String]) throws -> ByteString {
        let claims: JSONObject = [
            "iss": "https://idp.example", "aud": "api", "sub": "alice", "client_id": "app",
            "jti": "1", "scope": "read write", "iat": .integer(beginning),
            "exp": .integer(beginning + 300),
        ]
        return try token(claims, type: "at+jwt", words)
    }

    private func idToken(_ words: [String]) throws -> ByteString {
        var claims: JSONObject = [
            "iss": "https://idp.example", "aud": "app", "sub": "alice", "name": "Alice",
            "iat": .integer(beginning), "exp": .integer(beginning + 300),
        ]
        if let nonce = names.latest("nonce") { claims["nonce"] = .string(ByteString(nonce)) }
        return try token(claims, type: nil, words)
    }

    private func token(
        _ claims: JSONObject, type: ByteString?, _ words: [String]
    ) throws -> ByteString {
        var claims = claims
        var header: JSONObject = ["alg": "Ed25519", "kid": "k1"]
        if let type { header["typ"] = .string(type) }
        var forge = try Self.forge("k1")
        var isBad = false
        for word in words {
            guard let (name, value) = Words.assignment(word) else { throw Problem.unknown(word) }
            switch name {
            case "key":
                forge = try Self.forge(value)
                header["kid"] = .string(ByteString(value))
            case "signature": isBad = value == "bad"
            case "padding":
                claims["padding"] = .string(
                    ByteString(String(repeating: "x", count: Int(value) ?? 0)))
            case _ where name.hasPrefix("header."):
                header[ByteString(String(name.dropFirst(7)))] = try json(value)
            default: claims[ByteString(name)] = try json(value)
            }
        }
        var token = forge.token(header: header, payload: claims.serialized)
        if isBad {
            let index = token.count - 20
            token.bytes[index] = token.bytes[index] == 0x41 ? 0x42 : 0x41
        }
        return token
    }

    private func encrypted(_ words: [String]) throws -> ByteString {
        guard let content = words.first else { throw Problem.unknown("encrypted:") }
        var forge = try Self.ours("e1")
        var changes = EncryptionForge.Changes()
        for word in words.dropFirst() {
            guard let (name, value) = Words.assignment(word) else { throw Problem.unknown(word) }
            if name == "to" {
                forge = try Self.ours(value)
            } else {
                changes.header.append((ByteString(name), try json(value)))
            }
        }
        return forge.encrypt(ByteString(content), changes: changes)
    }

    private static func ours(_ name: String) throws -> EncryptionForge {
        guard let forge = Files.forges[name] else { throw Problem.unknown(name) }
        return forge
    }

    private static func forge(_ name: String) throws -> TokenForge {
        guard name.first == "k", let number = UInt8(name.dropFirst()) else {
            throw Problem.unknown(name)
        }
        return TokenForge(keyID: ByteString(name), seed: number)
    }

    // MARK: Documents

    private func key(_ words: [String]) throws -> JSONObject {
        try changed(try Self.forge(words.first ?? "").jwk, words.dropFirst())
    }

    private func metadata(_ words: [String]) throws -> JSONObject {
        try changed(
            [
                "issuer": "https://idp.example",
                "authorization_endpoint": "https://idp.example/authorize",
                "token_endpoint": "https://idp.example/token",
                "jwks_uri": "https://idp.example/jwks",
                "revocation_endpoint": "https://idp.example/revoke",
                "end_session_endpoint": "https://idp.example/end",
            ], words[...])
    }

    private func changed(_ object: JSONObject, _ words: ArraySlice<String>) throws -> JSONObject {
        var object = object
        for word in words {
            guard let (name, value) = Words.assignment(word) else { throw Problem.unknown(word) }
            object[ByteString(name)] = try json(value)
        }
        return object
    }

    /// - Returns: nil for `none`.
    private func json(_ value: String) throws -> JSONValue? {
        if value == "none" { return nil }
        if let time = ClockText.milliseconds(value) { return .integer(beginning + time / 1_000) }
        let text = "{\"value\":\(value)}"
        if let object = try? JSONObject.parse(Array(text.utf8)) { return object["value"] }
        return .string(ByteString(value))
    }
}

/// Secret files that settings can name; they live as long as the process.
private enum Files {
    static let keys = write("keys", "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n")
    static let clientSecret = write("client-secret", "client-secret\n")

    /// Made anew by each run: no test depends on their numbers.
    static let forges = Dictionary(
        uniqueKeysWithValues: ["e1", "e2", "e3"].map {
            ($0, EncryptionForge(keyID: ByteString($0)))
        })

    static func decryptionKey(_ forge: EncryptionForge) -> String {
        write("\(forge.keyID).jwk", forge.privateJWK.serialized.string)
    }

    private static func write(_ name: String, _ contents: String) -> String {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("cloakroom-transcripts-\(getpid())-\(name)")
        _ = FileManager.default.createFile(
            atPath: url.path, contents: Data(contents.utf8), attributes: [.posixPermissions: 0o600])
        return url.path
    }
}
