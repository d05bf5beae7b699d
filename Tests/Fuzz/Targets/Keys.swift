import Encodings
import JOSE
import Sessions

extension FuzzTarget {
    static let memberNames = [
        "\"kty\":", "\"RSA\"", "\"EC\"", "\"OKP\"", "\"oct\"", "\"crv\":", "\"P-256\"", "\"P-384\"",
        "\"P-521\"", "\"Ed25519\"", "\"n\":", "\"e\":", "\"AQAB\"", "\"x\":", "\"y\":", "\"d\":",
        "\"kid\":", "\"use\":", "\"sig\"", "\"enc\"", "\"alg\":", "\"key_ops\":", "\"verify\"",
        "\"x5c\":", "\"keys\":",
    ]

    static let jwk = FuzzTarget(
        name: "jwk", about: "one JSON web key", longest: 16 << 10, words: memberNames,
        seeds: {
            VectorRecords("own", "rfc7520-cookbook", "rfc-appendix", "wycheproof")
                .sample(120, \.key)
        }
    ) { input in
        guard let object = try? JSONObject.parse(input), let key = try? JWK(object) else { return }
        guard let text = try? JSONObject.parse(object.serialized.bytes), let again = try? JWK(text)
        else { return promise(false, "the same key, written anew, is read") }
        promise(again.thumbprint == key.thumbprint, "it has the same thumbprint")
        promise(key.thumbprint.count == 43, "which is a SHA-256")
        for algorithm in SignatureAlgorithm.allCases {
            let signature = [UInt8](repeating: 0x5A, count: 64)
            promise(
                !key.verify(signature.span, of: input.span, by: algorithm),
                "nobody has signed this")
            if key.verifies(algorithm) { promise(key.isForVerifying, "it is for verifying") }
        }
    }

    static let keySet = FuzzTarget(
        name: "key-set", about: "a provider's key set", longest: 64 << 10, words: memberNames,
        seeds: {
            VectorRecords("own", "rfc7520-cookbook", "wycheproof").sample(60, \.keySet)
                + inputs("{\"keys\":[]}", "{\"keys\":[1,{}]}")
        }
    ) { input in
        guard let set = try? KeySet.parse(input) else { return }
        promise(!set.keys.isEmpty && set.keys.count <= KeySet.keyLimit, "there are some, not many")
        promise(set.remarks.count <= KeySet.keyLimit * 2, "remarks are few")
        guard let kept = KeySet.publicDocument(input), let again = try? KeySet.parse(kept) else {
            return promise(false, "what is kept of it is a key set")
        }
        promise(
            again.keys.map(\.thumbprint) == set.keys.map(\.thumbprint), "with the same keys")
        promise(
            !again.remarks.contains { $0.finding == .privatePart }, "and without private parts")
        for key in set.keys.prefix(8) {
            var header: JSONObject = ["alg": .string(key.algorithm ?? "ES256")]
            if let name = key.keyID { header["kid"] = .string(name) }
            guard let header = try? JOSEHeader(header.serialized.bytes),
                let found = try? set.key(for: header)
            else { continue }
            promise(found.verifies(header.algorithm), "a key that is found can verify")
            promise(
                header.keyID == nil || found.keyID == nil || found.keyID == header.keyID,
                "and has the name that was asked for")
        }
    }

    static let keySetFile = FuzzTarget(
        name: "key-set-file", about: "an operator's file of public keys: a key set or PEM",
        longest: 32 << 10,
        words: memberNames + ["-----BEGIN PUBLIC KEY-----\n", "\n-----END PUBLIC KEY-----\n"],
        seeds: {
            VectorRecords("own").sample(8, \.keySet)
                + inputs(
                    """
                    -----BEGIN PUBLIC KEY-----
                    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
                    -----END PUBLIC KEY-----

                    """,
                    """
                    P-256
                    -----BEGIN PUBLIC KEY-----
                    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMKBCTNIcKUSDii11ySs3526iDZ8A
                    iTo7Tu6KPAqv7D7gS2XpJFbZiItSs3m9+9Ue6GnvHw/GW2ZZaVtszggXIw==
                    -----END PUBLIC KEY-----
                    """)
        }
    ) { input in
        guard let set = try? KeySet.parse(file: input) else { return }
        promise(!set.keys.isEmpty && set.keys.count <= KeySet.keyLimit, "there are some, not many")
        for key in set.keys {
            promise(key.thumbprint.count == 43, "each has a thumbprint")
        }
    }

    static let keyFile = FuzzTarget(
        name: "key-file", about: "the file of the server's keys", longest: 8 << 10,
        words: ["k1 ", "#", "\r\n", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"],
        seeds: {
            inputs(
                "k1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
                "# keys\n\nk2 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\r\n"
                    + "k1\tHx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA\n")
        }
    ) { input in
        guard let ring = try? KeyRing.parse(input) else { return }
        promise(Set(ring.keys.map(\.id)).count == ring.keys.count, "no id stands there twice")
        promise(ring.keys.allSatisfy { $0.secret.count == 32 }, "every key has 256 bits")
        let text = ring.keys.map { key in
            key.id + " " + Base64URL.encode(key.secret.reveal().bytes) + "\n"
        }.reduce("", +)
        promise((try? KeyRing.parse(text.bytes)) == ring, "written anew, they are the same")
    }
}
